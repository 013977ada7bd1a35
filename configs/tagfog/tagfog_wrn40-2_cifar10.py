# python tools/train.py configs/tagfog/tagfog_wrn40-2_cifar10.py trains TagFog's WRN-40-2 on CIFAR-10.
_base_ = "./tagfog_resnet18_cifar10.py"
model = dict(
    backbone=dict(_delete_=True, type="WideResNet", depth=40, width=2),
    head=dict(in_channels=128),
    scores=dict(ViM=dict(dim=64)),  # the authors' 384 would be more than the features have
)
