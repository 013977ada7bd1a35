"""Scores that learn while testing: what is no stream, and what is said of one."""

from trials.trial import Trial

BAD = {"bad/picture.png": "no picture"}


def streams(changes=(), **scores):
    """Other scores, of the words in the trial's folder, and other changes."""
    of_words = {name: {"bank": {"corpus": "{here}/words"}} | one for name, one in scores.items()}
    return {"model.scores": {"_delete_": True, **of_words}, **dict(changes)}


TRIALS = [
    Trial("an option that nobody reads", "--stream-order, --streams: no score of the config learns while testing",
          command=("--stream-order", "given", "--streams", "3")),
    Trial("a batch larger than a stream", "OODD (stream): batch_size is 64, and the stream of 'ID' and 'near' has 26",
          streams(OODD={})),
    Trial("a batch larger than a stream is said before an image is read", "and the stream of 'ID' and 'near' has 26",
          streams({"model.backbone.broken_images": True}, OODD={})),
    Trial("nobody who plays", "Nobody plays OODD (stream): add OODMetric to test_evaluator",
          streams({"test_evaluator": {"_delete_": True, "type": "Accuracy"}}, OODD={"batch_size": 4})),
    Trial("an order that is none", "OODDScore: order is 'sorted'; known: given, id_first", streams(OODD={}),
          command=("--stream-order", "sorted")),
    Trial("a weight below 0", "AdaNegScore: weight must be finite and not negative, got -1",
          streams(AdaNeg={"weight": -1})),
    Trial("a gap above 1", "TANLScore: gap must be a number from 0 to 1, got 1.5", streams(TANL={"gap": 1.5})),
    Trial("local features", "static is GLMCMScore", streams(OODD={"static": {"type": "GLMCMScore"}})),
    Trial("a tower that breaks", "is NaN or infinite; look for an overflow in the model",
          streams({"model.backbone.broken_images": True}, OODD={"batch_size": 4})),
    Trial("no OOD image can be read", "the stream of 'ID' and 'bad' has 17 ID and 0 OOD images",
          streams({"test_evaluator.unreadable": "skip", "test_dataloader.dataset.ood_sets":
                   [{"name": "bad", "type": "Pictures", "data_root": "{here}/bad"}]}, OODD={"batch_size": 4}), BAD),
    Trial("the order of the files", "OODD (stream): order='given' brings the images as their files come",
          streams(OODD={"batch_size": 4, "order": "given"}), code=0),
    Trial("fewer candidates than a list", "lists 1,000 negatives and has 100 candidates, whose sum counts several",
          streams(TANL={"batch_size": 4}), code=0),
    Trial("TANL's words mined", "'TANL (stream)' chooses among all words, and its bank holds the mined 30 alone",
          streams(TANL={"batch_size": 4, "length": 10, "bank": {"corpus": "{here}/words", "ratio": 0.3}}), code=0),
    Trial("fewer words than AdaNeg's groups", "'AdaNeg (stream)' has 100 groups of one negative, not 200",
          streams(AdaNeg={"batch_size": 4, "static": {"groups": 200}, "bank": {"corpus": "{here}/words", "ratio": 1}}),
          code=0),
]  # fmt: skip
