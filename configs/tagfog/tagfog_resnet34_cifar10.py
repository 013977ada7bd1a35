# python tools/train.py configs/tagfog/tagfog_resnet34_cifar10.py
_base_ = "./tagfog_resnet18_cifar10.py"
model = dict(backbone=dict(depth=34))
