# bash tools/dist_test.sh configs/label-based/label-based_openclip-vit-b16_openood-v15.py none 8 prints the same table
# of OpenCLIP's ViT-B/16, trained on LAION-2B.
_base_ = "./label-based_clip-vit-b16_openood-v15.py"

model = dict(backbone=dict(pretrained="laion2b_s34b_b88k"))
