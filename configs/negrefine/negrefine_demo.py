# python tools/test.py configs/negrefine/negrefine_demo.py prints NegRefine and its parts on the embedded demo.
_base_ = "../neglabel/neglabel_demo.py"

model = dict(
    predict_with="NegRefine",
    scores=dict(
        _delete_=True,
        NegRefine=dict(),
        NegFilter=dict(),
        MultiMatching=dict(),
        CSP=dict(bank=dict(quantile=1.0, drop_labels=True)),  # the pool before the filter
    ),
)
