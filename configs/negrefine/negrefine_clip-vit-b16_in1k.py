# bash tools/dist_test.sh configs/negrefine/negrefine_clip-vit-b16_in1k.py none 8 prints NegRefine and its parts
# (ImageNet-1k): CSP's pool filtered by WordNet, NegLabel's score plus multi-matching.
_base_ = ["../neglabel/neglabel_clip-vit-b16_in1k.py", "../_base_/datasets/negrefine_ood.py"]

filtered = dict(pool=_base_.authors_words)
model = dict(
    predict_with="NegRefine",
    preprocessing_override=None,  # CLIP's own bicubic pixels, as in the authors' code
    scores=dict(
        _delete_=True,
        NegRefine=dict(bank=filtered),
        NegFilter=dict(bank=filtered),
        MultiMatching=dict(bank=filtered),
        CSP=dict(bank=dict(quantile=1.0, drop_labels=True, **_base_.authors_words)),  # the pool before the filter
    ),
)
test_dataloader = dict(dataset=dict(ood_sets={{_base_.negrefine_ood_sets}}))
