# What NegLabel's four settings are worth: one row a value, the paper's own in the first row.
# bash tools/dist_test.sh configs/neglabel/neglabel_ablation_clip-vit-b16_in1k.py none 8 --save-features
# python tools/rescore.py configs/neglabel/neglabel_ablation_clip-vit-b16_in1k.py    # other values, no image read again
_base_ = "./neglabel_clip-vit-b16_in1k.py"

group_counts = (1, 10, 50, 200, 500)
temperatures = (0.005, 0.02, 0.05, 1.0)
ratios = (0.01, 0.05, 0.1, 0.3, 0.5)
quantiles = (0.5, 0.75, 0.9, 1.0)
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
        # Every bank chooses from the same words, the paper's, which are encoded once.
        banks={
            "neglabel": dict(type="NegMining", corpus="neglabel"),
            **{f"ratio-{round(1000 * r)}": dict(type="NegMining", corpus="neglabel", ratio=r) for r in ratios},
            **{f"quantile-{round(1000 * q)}": dict(type="NegMining", corpus="neglabel", quantile=q) for q in quantiles},
        },
    ),
    dict(type="OODReportHook"),
]
