# bash tools/dist_test.sh configs/label-based/label-based_clip-vit-b16_openood-v15.py none 8 prints the methods on
# near and far sets, and CSP's bank x NegRefine's filter x its quantile; OpenOOD's pixels, both kinds of FPR95.
_base_ = "../neglabel/neglabel_clip-vit-b16_openood-v15.py"

words = _base_.authors_words
largest = dict(quantile=1.0, drop_labels=True, **words)  # CSP's pool as NegRefine calls for it
model = dict(
    predict_with="NegLabel",
    scores={
        "_delete_": True,
        "MCM": dict(),
        "GL-MCM": dict(),
        "EOE": dict(bank=dict(path="data/eoe/far_300_ImageNet_gpt-3.5-turbo-16k_0.json")),  # the authors' file
        "NegLabel": dict(bank=words),
        "CSP": dict(bank=words),
        "CSP, filtered": dict(method="NegFilter", bank=dict(pool=dict(quantile=0.95, drop_labels=False, **words))),
        "CSP, largest": dict(method="CSP", bank=largest),
        "CSP, largest, filtered": dict(method="NegFilter", bank=dict(pool=words)),
        "NegRefine": dict(bank=dict(pool=words)),
    },
)
