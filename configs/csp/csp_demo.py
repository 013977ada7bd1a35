# CSP: NegLabel's score over the conjugated semantic pool, beside NegLabel's own words, on the embedded demo.
# python tools/test.py configs/csp/csp_demo.py
_base_ = "../neglabel/neglabel_demo.py"

model = dict(
    predict_with="csp",
    scores={
        "_delete_": True,
        "CSP": dict(type="NegLabelScore", bank="csp"),
        "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
    },
)
custom_hooks = [
    dict(type="NegLabelMiningHook", banks=dict(csp=dict(type="CSP"), neglabel=dict(type="NegMining"))),
    dict(type="OODReportHook"),
]
