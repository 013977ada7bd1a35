# bash tools/dist_test.sh configs/tanl/tanl_clip-vit-b16_in1k.py none 8 prints TANL in the three steps of the authors'
# official.sh, alpha 0, beside NegLabel (ImageNet-1k). The FPR95 that they print has OOD as the positive class.
# Prompts, pixels and words are AdaNeg's, whose code it shares: what is other than there stands in that config.
_base_ = "../adaneg/adaneg_clip-vit-b16_in1k.py"

everything = dict(ratio=1.0, **_base_.cleaned)  # all 70,000 words, mined or not
model = dict(
    scores={
        "_delete_": True,
        # Step 1 is the paper's formula. The authors play one stream without a seed.
        "TANL": dict(streams=3, bank=everything),
        "TANL-step-2": dict(method="TANL", step=2, streams=3, bank=everything),
        "TANL-step-0": dict(method="TANL", step=0, streams=3, bank=everything),
        "NegLabel": dict(bank=_base_.words),
    },
)
