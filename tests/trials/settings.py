"""Settings of scores, banks and loaders that cannot be meant."""

from trials.trial import Trial

BANK = "model.scores.NegLabel.bank"
SCORE = "model.scores.MCM"

TRIALS = [
    Trial("ratio above 1", "ratio must be a number above 0 and at most 1, got 1.5", {f"{BANK}.ratio": 1.5}),
    Trial("images left out", "3 of 31 images were not evaluated", {"test_dataloader.drop_last": True}),
    Trial("a miner as a score", "a NegMining is no score", {SCORE: {"type": "NegMining"}}),
    Trial(
        "a score of other models",
        "KNNScore needs features, fit, which a NegLabelClassifier",
        {SCORE: {"method": "KNN"}},
    ),
    Trial(
        "a score of images and texts", "GLMCMScore needs local, texts", {SCORE: {"method": "GL-MCM"}}, base="posthoc"
    ),
    Trial(
        "words for a trained classifier",
        "a trained classifier compares with no words: leave it out",
        {"model.scores.MSP.bank.type": "CSP"},
        base="posthoc",
    ),
    Trial("no method", "no method 'NegLable', did you mean 'NegLabel'", {SCORE: {"method": "NegLable"}}),
    Trial("a number as a score", "Score 'MCM' is 5: give a dict", {SCORE: 5}),
    Trial("no scores", "model.scores is {}: name at least one", {"model.scores": {"_delete_": True}}),
    Trial("scores in a list", "model.scores is [{'type': 'MCMScore'}]: name", {"model.scores": [{"type": "MCMScore"}]}),
    Trial("a score that is none", "No score 'csp' to predict classes with", {"model.predict_with": "csp"}),
    Trial("memory for pairs", "pair_memory_mb must be positive and finite, got True", {"model.pair_memory_mb": True}),
]
