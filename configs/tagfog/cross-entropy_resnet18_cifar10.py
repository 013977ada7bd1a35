# python tools/train.py configs/tagfog/cross-entropy_resnet18_cifar10.py trains TagFog's baseline on CIFAR-10.
# The same network and schedule, cross-entropy alone, one view a picture, no jigsaws. So it sees a sixth of the pictures
# that TagFog sees in as many epochs.
_base_ = "./tagfog_resnet18_cifar10.py"
model = dict(head=dict(_delete_=True, type="LinearClsHead", num_classes=10, in_channels=512))
train_dataloader = dict(
    dataset=dict(
        jigsaws_per_image=0, pipeline=[dict(type="LoadRGBImage"), *_base_.augmentation, dict(type="PackInputs")]
    )
)
custom_hooks = [hook for hook in _base_.custom_hooks if hook["type"] != "TextAnchorHook"]
