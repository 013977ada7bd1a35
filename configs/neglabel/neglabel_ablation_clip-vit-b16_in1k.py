# bash tools/dist_test.sh configs/neglabel/neglabel_ablation_clip-vit-b16_in1k.py none 8 --save-features
# prints a row a value of NegLabel's four settings, the paper's own in the first row. Other values need no image again:
# python tools/rescore.py configs/neglabel/neglabel_ablation_clip-vit-b16_in1k.py
_base_ = "./neglabel_clip-vit-b16_in1k.py"

words = _base_.authors_words
group_counts = (1, 10, 50, 200, 500)
temperatures = (0.005, 0.02, 0.05, 1.0)
ratios = (0.01, 0.05, 0.1, 0.3, 0.5)
quantiles = (0.5, 0.75, 0.9, 1.0)
# Every row chooses from the same words, which are encoded once.
model = dict(
    predict_with="NegLabel",
    scores={
        "_delete_": True,
        "NegLabel": dict(bank=words),
        **{f"groups={g}": dict(method="NegLabel", groups=g, bank=words) for g in group_counts},
        **{f"temperature={t}": dict(method="NegLabel", temperature=t, bank=words) for t in temperatures},
        **{f"ratio={r}": dict(method="NegLabel", bank=dict(ratio=r, **words)) for r in ratios},
        **{f"quantile={q}": dict(method="NegLabel", bank=dict(quantile=q, **words)) for q in quantiles},
    },
)
