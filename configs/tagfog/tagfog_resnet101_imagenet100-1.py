# python tools/train.py configs/tagfog/tagfog_resnet101_imagenet100-1.py
_base_ = "./tagfog_resnet50_imagenet100-1.py"
model = dict(backbone=dict(depth=101))
