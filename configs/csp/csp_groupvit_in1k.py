# bash tools/dist_test.sh configs/csp/csp_groupvit_in1k.py none 8 prints CSP beside NegLabel on GroupViT.
_base_ = "./csp_clip-vit-b16_in1k.py"

model = dict(backbone=dict(_delete_=True, type="TransformersBackbone", model_name="nvidia/groupvit-gcc-yfcc"))
