# bash tools/dist_test.sh configs/oodd/oodd_clip-vit-b16_in1k.py none 8 prints OODD beside NegLabel, which it builds on,
# with NegLabel's words and pixels (ImageNet-1k). Its FPR95 is NegLabel's too, with ID as the positive class.
# Other orders of the images need none of them again: --save-features, and then tools/rescore.py.
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

words = _base_.authors_words
model = dict(
    scores=dict(
        _delete_=True,
        # The authors play one stream, shuffled by NumPy's generator with seed 110; ours is PyTorch's, so another order.
        OODD=dict(streams=3, bank=words),
        NegLabel=dict(bank=words),
    ),
)
