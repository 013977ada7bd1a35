"""Settings of scores, banks and loaders that cannot be meant."""

from trials.trial import Trial

BANK = "custom_hooks.0.banks.neglabel"
SCORE = "model.scores.MCM"

TRIALS = [
    Trial("ratio above 1", "ratio must be in (0, 1], got 1.5", {f"{BANK}.ratio": 1.5}),
    Trial("groups as a float", "groups=7.0 for 30 negatives", {f"{BANK}.groups": 7.0}),
    Trial("images left out", "3 of 31 images were not evaluated", {"test_dataloader.drop_last": True}),
    Trial("a miner as a score", "a NegMining is no score", {SCORE: {"type": "NegMining", "bank": "neglabel"}}),
    Trial("a detector as a score", "a MSPDetector is no score", {SCORE: {"type": "MSPDetector", "bank": "neglabel"}}),
    Trial("a number as a score", "Score 'MCM' is 5: give a dict", {SCORE: 5}),
    Trial("no banks", "banks is []: name at least one", {"custom_hooks.0.banks": []}),
    Trial("memory for pairs", "pair_memory_mb must be positive and finite, got True", {"model.pair_memory_mb": True}),
]
