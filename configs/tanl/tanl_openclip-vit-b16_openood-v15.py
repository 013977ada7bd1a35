# bash tools/dist_test.sh configs/tanl/tanl_openclip-vit-b16_openood-v15.py none 8 prints the same table of OpenCLIP's
# ViT-B/16, trained on LAION-2B. The authors' repository keeps a log of it, with the weights that its code takes by
# default; NegLabel has the words there that OpenAI's ViT-B/16 mined, while here each tower mines its own.
_base_ = "./tanl_clip-vit-b16_openood-v15.py"

model = dict(backbone=dict(pretrained="laion2b_s34b_b88k"))
