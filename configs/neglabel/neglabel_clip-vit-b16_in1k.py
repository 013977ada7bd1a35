# python tools/test.py configs/neglabel/neglabel_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b16_in1k.py none 8
_base_ = [
    "../_base_/models/neglabel_clip-vit-b16.py",
    "../_base_/datasets/imagenet_ood.py",
    "../_base_/runtime/test.py",
]
