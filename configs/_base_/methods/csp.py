# CSP: NegLabel's score over the conjugated semantic pool, beside NegLabel's own.
method_scores = {
    "_delete_": True,
    "CSP": dict(type="NegLabelScore", bank="csp"),
    "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
}
method_hooks = [
    dict(type="NegLabelMiningHook", banks=dict(csp=dict(type="CSP"), neglabel=dict(type="NegMining"))),
    dict(type="OODReportHook"),
]
