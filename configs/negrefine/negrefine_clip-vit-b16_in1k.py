# NegRefine: CSP's pool filtered by WordNet, NegLabel's score plus multi-matching, on CLIP ViT-B/16 and ImageNet-1k.
# python tools/test.py configs/negrefine/negrefine_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/negrefine/negrefine_clip-vit-b16_in1k.py none 8
_base_ = [
    "../neglabel/neglabel_clip-vit-b16_in1k.py",
    "../_base_/datasets/negrefine_ood.py",
    "../_base_/methods/negrefine.py",
]

pool = dict(type="CSP", corpus="neglabel", quantile=1.0, drop_labels=True)
judge = dict(type="WordNetJudge")
model = dict(
    predict_with="negrefine",
    preprocessing_override=None,  # CLIP's own bicubic pixels, as in the authors' code
    scores={{_base_.method_scores}},
)
custom_hooks = [
    dict(type="NegLabelMiningHook", banks=dict(pool=pool, negrefine=dict(type="NegFilter", pool=pool, judge=judge))),
    dict(type="OODReportHook"),
]
test_dataloader = dict(dataset=dict(ood_sets={{_base_.negrefine_ood_sets}}))
