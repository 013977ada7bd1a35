# What NegLabel's four settings are worth on the demo: one row a value, the method's own defaults in the first row.
# python tools/test.py configs/neglabel/neglabel_ablation_demo.py --save-features
# python tools/rescore.py configs/neglabel/neglabel_ablation_demo.py    # other values below, no image read again
_base_ = "./neglabel_demo.py"

group_counts = (1, 10, 50)
temperatures = (0.005, 0.02, 0.05)
ratios = (0.01, 0.05, 0.5)
quantiles = (0.5, 0.9, 1.0)
model = dict(
    predict_with="neglabel",
    scores={
        "_delete_": True,
        "NegLabel": dict(type="NegLabelScore", bank="neglabel"),
        **{f"groups={g}": dict(type="NegLabelScore", bank="neglabel", groups=g) for g in group_counts},
        **{f"temperature={t}": dict(type="NegLabelScore", bank="neglabel", temperature=t) for t in temperatures},
        **{f"ratio={r}": dict(type="NegLabelScore", bank=f"ratio-{round(1000 * r)}") for r in ratios},
        **{f"quantile={q}": dict(type="NegLabelScore", bank=f"quantile-{round(1000 * q)}") for q in quantiles},
    },
)
custom_hooks = [
    dict(
        type="NegLabelMiningHook",
        # Every bank chooses from the same words, which are encoded once.
        banks={
            "neglabel": dict(type="NegMining"),
            **{f"ratio-{round(1000 * r)}": dict(type="NegMining", ratio=r) for r in ratios},
            **{f"quantile-{round(1000 * q)}": dict(type="NegMining", quantile=q) for q in quantiles},
        },
    ),
    dict(type="OODReportHook"),
]
