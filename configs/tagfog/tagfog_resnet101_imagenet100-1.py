# python tools/train.py configs/tagfog/tagfog_resnet101_imagenet100-1.py trains TagFog's ResNet-101 on ImageNet-100-I.
_base_ = "./tagfog_resnet50_imagenet100-1.py"
model = dict(backbone=dict(depth=101))
