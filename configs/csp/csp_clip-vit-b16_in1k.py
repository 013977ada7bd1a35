# bash tools/dist_test.sh configs/csp/csp_clip-vit-b16_in1k.py none 8 prints CSP beside NegLabel on ImageNet-1k.
# CSP is NegLabel's score over the conjugated semantic pool: other words, the same formula.
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

words = _base_.authors_words
model = dict(
    predict_with="CSP",
    scores=dict(_delete_=True, CSP=dict(bank=words), NegLabel=dict(bank=words)),
)
