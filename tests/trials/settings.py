"""Settings of scores, banks and loaders that cannot be meant."""

from trials.trial import Trial

BANK = "custom_hooks.0.banks.neglabel"

TRIALS = [
    Trial("ratio above 1", "ratio must be in (0, 1], got 1.5", {f"{BANK}.ratio": 1.5}),
    Trial("groups as a float", "groups=7.0 for 30 negatives", {f"{BANK}.groups": 7.0}),
    Trial("images left out", "3 of 31 images were not evaluated", {"test_dataloader.drop_last": True}),
]
