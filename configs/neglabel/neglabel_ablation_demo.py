# python tools/test.py configs/neglabel/neglabel_ablation_demo.py --save-features prints a row a value of
# NegLabel's four settings on the embedded demo, the method's own in the first row. Other values need no image again:
# python tools/rescore.py configs/neglabel/neglabel_ablation_demo.py
_base_ = "./neglabel_demo.py"

group_counts = (1, 10, 50)
temperatures = (0.005, 0.02, 0.05)
ratios = (0.01, 0.05, 0.5)
quantiles = (0.5, 0.9, 1.0)
# Every row chooses from the same words, which are encoded once.
model = dict(
    predict_with="NegLabel",
    scores={
        "_delete_": True,
        "NegLabel": dict(),
        **{f"groups={g}": dict(method="NegLabel", groups=g) for g in group_counts},
        **{f"temperature={t}": dict(method="NegLabel", temperature=t) for t in temperatures},
        **{f"ratio={r}": dict(method="NegLabel", bank=dict(ratio=r)) for r in ratios},
        **{f"quantile={q}": dict(method="NegLabel", bank=dict(quantile=q)) for q in quantiles},
    },
)
