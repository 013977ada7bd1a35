# bash tools/dist_test.sh configs/adaneg/adaneg_clip-vit-b16_in1k.py none 8 prints AdaNeg with both kinds of proxies,
# and NegLabel (ImageNet-1k). The FPR95 that its authors print has OOD as the positive class.
# Other orders of the images need none of them again: --save-features, and then tools/rescore.py.
_base_ = "../neglabel/neglabel_clip-vit-b16_openood-vlm.py"

# As in the authors' code: the prompts, no words equal to an ID name, 10,000 of the others, and of a word's 1,000
# cosines number 950 from below, counted from 0, in place of an interpolated quantile. Not as there: words that are
# nouns and adjectives both, some 1,600 of 70,000, are adjectives here; nouns stand first, so that seed 0 cuts other
# groups; all is float32, while entropies are NaN in half precision, so that nothing stored is replaced.
prompts = dict(label="The nice {}.", noun="The nice {}.", adjective="This is a {} photo.")
cleaned = dict(drop_labels=True, prompts=prompts, **_base_.authors_words)
words = dict(count=10_000, quantile=950 / 999, **cleaned)
model = dict(
    scores={
        "_delete_": True,
        # The authors play one stream, the first set's without a seed. How far a number hangs on the order, three show.
        "AdaNeg": dict(streams=3, bank=words),
        "AdaNeg-sample": dict(method="AdaNeg", proxies="sample", streams=3, bank=words),
        "NegLabel": dict(bank=words),  # as the authors' script runs it
        "NegLabel-5": dict(method="NegLabel", groups=5, bank=words),  # AdaNeg's own static part
    },
)
test_dataloader = dict(dataset=dict(ood_sets=_base_.test_dataloader.dataset.ood_sets[:4]))  # the paper's
