# CSP: NegLabel's score over the conjugated semantic pool, beside NegLabel's own, on CLIP ViT-B/16 and ImageNet-1k.
# python tools/test.py configs/csp/csp_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/csp/csp_clip-vit-b16_in1k.py none 8
_base_ = ["../neglabel/neglabel_clip-vit-b16_in1k.py", "../_base_/methods/csp.py"]

model = dict(predict_with="csp", scores={{_base_.method_scores}})
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(csp=dict(type="CSP", corpus="neglabel"), neglabel=dict(type="NegMining", corpus="neglabel")),
    ),
    dict(type="OODReportHook"),
]
