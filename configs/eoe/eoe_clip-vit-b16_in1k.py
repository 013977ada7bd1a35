# bash tools/dist_test.sh configs/eoe/eoe_clip-vit-b16_in1k.py none 8 prints EOE beside MCM on ImageNet-1k.
# EOE is MCM less a share of the confidence in imagined outlier names.
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

imagined = "data/eoe/far_300_ImageNet_gpt-3.5-turbo-16k_0.json"  # a file of the authors'; or one name a line
model = dict(predict_with="MCM", scores=dict(_delete_=True, EOE=dict(bank=dict(path=imagined)), MCM=dict()))
