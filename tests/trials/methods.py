"""Settings of miners, banks, words and scores, and what is said of words."""

from trials.trial import Trial

SCORE = "model.scores.NegLabel"
BANK = f"{SCORE}.bank"
NUL = "a\0b"


class Number(float):
    """A float that a config file can hold even where it is not finite."""

    def __repr__(self):
        return f"float({float.__repr__(self)!r})"


INF, NAN = Number("inf"), Number("nan")


def bank(**settings):
    """Another kind of bank."""
    return {BANK: {"_delete_": True, **settings}}


def listed(count):
    """A bank of a ready list in the trial's folder, and the list."""
    config = bank(type="ReadyList", path="{here}/list.txt") | {f"{SCORE}.groups": 100}
    return {"config": config, "files": {"list.txt": "".join(f"word {i}\n" for i in range(count))}, "code": 0}


TRIALS = [
    Trial("a bank that is a score", "its bank is a MCMScore and no miner", bank(type="MCMScore")),
    Trial("a bank that is a number", "a score says itself who mines its words", {BANK: 5}),
    Trial("no negatives where some are needed", "its bank LabelsOnly has none", bank(type="LabelsOnly")),
    Trial("a pool that is a score", "pool must be a miner", bank(type="NegFilter", pool={"type": "MCMScore"}, judge=1)),
    Trial("corpus=5", "corpus must be a path, got 5", {f"{BANK}.corpus": 5}),
    Trial("a corpus with a NUL", "cannot be read (embedded null byte)", {f"{BANK}.corpus": NUL}),
    Trial("nobody's home", "no such user's home folder", {f"{BANK}.corpus": "~nobody-of-this-name/words"}),
    Trial("a list that is a number", "must be a path, got 5", bank(type="ReadyList", path=5)),
    *(
        Trial(f"seed={seed!r}", f"seed must be an integer of 64 bits, got {seed!r}", {f"{SCORE}.seed": seed})
        for seed in (1.5, None, "a", 2**70, True)
    ),
    *(
        Trial(f"groups={groups!r}", f"groups must be an integer above 0, got {groups!r}", {f"{SCORE}.groups": groups})
        for groups in (True, "7", 7.0, 0)
    ),
    Trial("quantile as text", "quantile must be a number from 0 to 1, got '0.95'", {f"{BANK}.quantile": "0.95"}),
    Trial("ratio as text", "ratio must be a number above 0 and at most 1, got '0.15'", {f"{BANK}.ratio": "0.15"}),
    Trial("unknown prompt", "has no entry 'labels': did you mean 'label'", {f"{BANK}.prompts": {"labels": "{}"}}),
    Trial("prompts as text", "prompts must be a dict", {f"{BANK}.prompts": "a photo of a {}"}),
    *(
        Trial(f"{score} at {value:g}", f"temperature must be positive and finite, got {value:g}", {
            f"model.scores.{score}.temperature": value
        })
        for score in ("NegLabel", "MCM", "Energy")
        for value in (INF, NAN)
    ),
    Trial("a weight without end", "beta must be finite", {"model.scores.EOE": {"beta": INF, "bank": {"path": "x"}}}),
    Trial("a flag in words", "drop_labels must be True or False, got 'no'",
          bank(type="ReadyList", path="list.txt", drop_labels="no")),
    *(
        Trial(f"text_batch_size={size!r}", "text_batch_size must be an integer above 0",
              {"custom_hooks.0.text_batch_size": size})
        for size in (0, 1.5, True, "256")
    ),
    Trial("whose words", "from the user's words: 60 nouns, 40 adjectives", code=0),
    Trial("fewer words than the default groups", "has 37 groups of one negative, not 100", **listed(37)),
]  # fmt: skip
