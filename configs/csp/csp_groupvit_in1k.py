# bash tools/dist_test.sh configs/csp/csp_groupvit_in1k.py none 8 prints CSP beside NegLabel on GroupViT.
_base_ = "./csp_clip-vit-b16_in1k.py"

# CSP's authors normalise by CLIP's mean and std.
clip = dict(mean=(0.48145466, 0.4578275, 0.40821073), std=(0.26862954, 0.26130258, 0.27577711))
model = dict(
    backbone=dict(_delete_=True, type="TransformersBackbone", model_name="nvidia/groupvit-gcc-yfcc", preprocess=clip)
)
