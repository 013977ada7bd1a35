# Every label-based method in one pass and one table, on CLIP ViT-B/16 and ImageNet-1k.
# python tools/test.py configs/label-based/label-based_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/label-based/label-based_clip-vit-b16_in1k.py none 8
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

model = dict(
    predict_with="neglabel",
    scores={
        "_delete_": True,
        "MCM": dict(type="MCMScore", bank="photo"),
        "GL-MCM": dict(type="GLMCMScore", bank="photo"),
        "MaxLogit": dict(type="MaxLogitScore", bank="photo"),
        "Energy": dict(type="EnergyScore", bank="photo"),
        "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
        "CSP": dict(type="NegLabelScore", bank="csp"),
        "NegRefine (bilinear)": dict(type="NegRefineScore", bank="negrefine"),  # its own row has bicubic pixels
    },
)
pool = dict(type="CSP", corpus="neglabel", quantile=1.0, drop_labels=True)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(
            photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}")),
            neglabel=dict(type="NegMining", corpus="neglabel"),
            csp=dict(type="CSP", corpus="neglabel"),
            negrefine=dict(type="NegFilter", pool=pool, judge=dict(type="WordNetJudge")),
        ),
    ),
    dict(type="OODReportHook"),
]
