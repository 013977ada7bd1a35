# python tools/train.py configs/tagfog/cross-entropy_resnet18-small_cifar10-animals.py trains TagFog's small baseline.
# The same network, augmentation and number of pictures seen as TagFog's small run, cross-entropy alone.
# then python tools/test.py with this config and epoch_72.pth of its work dir prints eight post-hoc scores
_base_ = "./tagfog_resnet18-small_cifar10-animals.py"

model = dict(head=dict(_delete_=True, type="LinearClsHead", num_classes=6, in_channels=128))
# TagFog shows six views for every ID picture: three pictures with two views each. So here are six times as many epochs
# of batches with as many views.
train_dataloader = dict(
    batch_size=256,
    dataset=dict(
        jigsaws_per_image=0,
        pipeline=[dict(type="LoadRGBImage"), *_base_.augmentation, dict(type="PackInputs")],
    ),
)
train_cfg = dict(max_epochs=72, val_interval=6)
param_scheduler = [
    dict(type="LinearLR", start_factor=0.2, by_epoch=True, begin=0, end=6, convert_to_iter_based=True),
    dict(type="MultiStepLR", by_epoch=True, milestones=[54, 66], gamma=0.1),
]
custom_hooks = [_base_.fit, *_base_.training_hooks]
default_hooks = dict(checkpoint=dict(interval=6))
