# NegRefine: CSP's pool filtered by WordNet, NegLabel's score plus multi-matching; and its parts.
method_scores = {
    "_delete_": True,
    "NegRefine": dict(type="NegRefineScore", bank="negrefine"),
    "NegFilter": dict(type="NegLabelScore", bank="negrefine"),
    "MultiMatching": dict(type="MultiMatchingScore", bank="negrefine"),
    "CSP": dict(type="NegLabelScore", bank="pool"),
}
pool = dict(type="CSP", quantile=1.0, drop_labels=True)  # as NegRefine calls it
method_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(pool=pool, negrefine=dict(type="NegFilter", pool=pool, judge=dict(type="WordNetJudge"))),
    ),
    dict(type="OODReportHook"),
]
