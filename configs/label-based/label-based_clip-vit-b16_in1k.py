# bash tools/dist_test.sh configs/label-based/label-based_clip-vit-b16_in1k.py none 8 prints every label-based method.
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

words = _base_.authors_words
model = dict(
    scores={
        "_delete_": True,
        "MCM": dict(),
        "GL-MCM": dict(),
        "MaxLogit": dict(),
        "Energy": dict(),
        "NegLabel": dict(bank=words),
        "CSP": dict(bank=words),
        "NegRefine (bilinear)": dict(method="NegRefine", bank=dict(pool=words)),  # its own row has bicubic pixels
    },
)
