# NegRefine: CSP's pool filtered by WordNet, NegLabel's score plus multi-matching, on the embedded demo.
# python tools/test.py configs/negrefine/negrefine_demo.py
_base_ = "../neglabel/neglabel_demo.py"

model = dict(
    predict_with="negrefine",
    scores={
        "_delete_": True,
        "NegRefine": dict(type="NegRefineScore", bank="negrefine"),
        "NegFilter": dict(type="NegLabelScore", bank="negrefine"),
        "MultiMatching": dict(type="MultiMatchingScore", bank="negrefine"),
        "CSP": dict(type="NegLabelScore", bank="pool"),
    },
)
pool = dict(type="CSP", quantile=1.0)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(pool=pool, negrefine=dict(type="NegFilter", pool=pool, judge=dict(type="WordNetJudge"))),
    ),
    dict(type="OODReportHook"),
]
