# python tools/train.py configs/tagfog/tagfog_resnet18_cifar100.py trains TagFog as in the paper, on CIFAR-100.
# python tools/test.py configs/tagfog/tagfog_resnet18_cifar100.py work_dirs/tagfog_resnet18_cifar100/epoch_200.pth
_base_ = [
    "../_base_/models/tagfog_resnet18.py",
    "../_base_/datasets/cifar100_train.py",
    "../_base_/schedules/tagfog_cifar.py",
    "../_base_/runtime/train.py",
]

model = dict(head=dict(num_classes=100))
param_scheduler = [_base_.warm_up, dict(type="MultiStepLR", by_epoch=True, milestones=[150], gamma=0.1)]
custom_hooks = [
    dict(
        type="TextAnchorHook",
        backbone=_base_.text_tower,
        descriptions=dict(type="DescriptionFile", path="txtfiles/descriptions/cifar100.tsv"),
    ),
    dict(type="PostHocFitHook", dataloader=dict(dataset=_base_.training_images)),
    *_base_.training_hooks,
]
