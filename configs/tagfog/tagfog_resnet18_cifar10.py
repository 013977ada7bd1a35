# python tools/train.py configs/tagfog/tagfog_resnet18_cifar10.py trains TagFog as in the paper, on CIFAR-10.
# python tools/test.py configs/tagfog/tagfog_resnet18_cifar10.py work_dirs/tagfog_resnet18_cifar10/epoch_200.pth
_base_ = [
    "../_base_/models/tagfog_resnet18.py",
    "../_base_/datasets/cifar10_train.py",
    "../_base_/schedules/tagfog_cifar.py",
    "../_base_/runtime/train.py",
]

custom_hooks = [
    dict(
        type="TextAnchorHook",
        backbone=_base_.text_tower,
        descriptions=dict(type="DescriptionFile", path="txtfiles/descriptions/cifar10.tsv"),
    ),
    dict(type="PostHocFitHook", dataloader=dict(dataset=_base_.training_images)),
    *_base_.training_hooks,
]
