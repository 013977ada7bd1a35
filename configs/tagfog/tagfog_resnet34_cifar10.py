# python tools/train.py configs/tagfog/tagfog_resnet34_cifar10.py trains TagFog's ResNet-34 on CIFAR-10.
_base_ = "./tagfog_resnet18_cifar10.py"
model = dict(backbone=dict(depth=34))
