# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b16_in1k.py none 8 prints the paper's table (ImageNet-1k).
# python tools/test.py configs/neglabel/neglabel_clip-vit-b16_in1k.py does so on one GPU or CPU.
_base_ = [
    "../_base_/models/neglabel_clip-vit-b16.py",
    "../_base_/datasets/imagenet_ood.py",
    "../_base_/runtime/test.py",
]
