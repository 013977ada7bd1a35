# python tools/train.py configs/tagfog/tagfog_resnet50_imagenet100-1.py trains TagFog as in the paper, ImageNet-100-I.
# GPUs share the batch: bash tools/dist_train.sh CONFIG 4 --cfg-options train_dataloader.batch_size=32
_base_ = [
    "../_base_/models/tagfog_resnet18.py",
    "../_base_/datasets/imagenet100_train.py",
    "../_base_/schedules/tagfog_imagenet100.py",
    "../_base_/runtime/train.py",
]

model = dict(
    backbone=dict(type="ResNet", depth=50),
    head=dict(num_classes=100, in_channels=2048),
    scores=dict(ViM=dict(dim=1000)),  # the authors' from width 2048 on
)
custom_hooks = [
    dict(
        type="TextAnchorHook",
        backbone=_base_.text_tower,
        descriptions=dict(type="DescriptionFile", path="txtfiles/descriptions/imagenet100_tagfog_1.tsv"),
    ),
    dict(type="PostHocFitHook", dataloader=dict(dataset=_base_.training_images)),
    *_base_.training_hooks,
]
