# bash tools/dist_test.sh configs/neglabel/neglabel_clip-vit-b32_in1k.py none 8: the paper's table, another tower
_base_ = "./neglabel_clip-vit-b16_in1k.py"

model = dict(backbone=dict(model_name="ViT-B-32"))
