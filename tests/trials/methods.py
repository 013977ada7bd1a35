"""Settings of miners, banks, words and scores, and what is said of words."""

from trials.trial import Trial

SCORE = "model.scores.NegLabel"
BANK = f"{SCORE}.bank"
NUL = "a\0b"
POOL = {"type": "NegMining"}
JUDGE = {"type": "WordNetJudge"}


def bank(**settings):
    """Another kind of bank."""
    return {BANK: {"_delete_": True, **settings}}


def judge(kind, **settings):
    return {"type": f"{kind}Judge", **settings}


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
    Trial("groups as text", "groups must be an integer above 0, got '7'", {f"{SCORE}.groups": "7"}),
    Trial("a setting misspelt", "NegMining takes no 'qantile': did you mean 'quantile'", {f"{BANK}.qantile": 0.9}),
    Trial("a setting left out", f"{BANK}: ReadyList needs 'path': set it (--cfg-options {BANK}.path=...)",
          bank(type="ReadyList")),
    Trial("a pool's setting left out", f"{BANK}.pool: ReadyList needs 'path': set it",
          bank(type="NegFilter", pool={"type": "ReadyList"}, judge=JUDGE)),
    Trial("a word to drop misspelt", "none of the 30 negatives by NegMining", {f"{BANK}.drop": ["nuon 3"]}),
    Trial("a class as a negative", "'Cat' is a class name, and would speak", {f"{BANK}.unlike": ["Cat"]}),
    Trial("words for a score of labels", "Score 'MCM' reads no negatives", {"model.scores.MCM.bank": {"drop": ["a"]}}),
    Trial("words of a pool", "takes no 'drop'", bank(type="NegFilter", pool=POOL | {"drop": ["a"]}, judge=JUDGE)),
    Trial("some words of a file are there", "30 negatives (18 nouns, 12 adjectives) by NegMining from the user's words",
          {f"{BANK}.drop": "{here}/drop.txt"}, {"drop.txt": "nobody\n"}, code=0),
    Trial("a file of words misspelt", "did you mean 'noun.animal'", {f"{BANK}.exclude": ["noun.anima"]}),
    Trial("a type misspelt", "custom_imports; did you mean 'NegLabelScore'", {f"{SCORE}.type": "NegLabelScor"}),
    Trial("a judge misspelt", "did you mean 'WordNetJudge'", bank(type="NegFilter", pool=POOL, judge=judge("Wordnet"))),
    Trial("senses of no kind", "senses is 'some'; known: all, first",
          bank(type="NegFilter", pool=POOL, judge=judge("WordNet", senses="some"))),
    Trial("a log that is gone", "decision log nowhere.jsonl cannot be read",
          bank(type="NegFilter", pool=POOL, judge=judge("LLM", log="nowhere.jsonl"))),
    Trial("a model that is a name", "LLMJudge: model is 'Qwen/Qwen2'",
          bank(type="NegFilter", pool=POOL, judge=judge("LLM", log="a.jsonl", model="Qwen/Qwen2"))),
    Trial("unknown prompt", "has no entry 'labels': did you mean 'label'", {f"{BANK}.prompts": {"labels": "{}"}}),
    Trial("prompts as text", "prompts must be a dict", {f"{BANK}.prompts": "a photo of a {}"}),
    Trial("a flag in words", "drop_labels must be True or False, got 'no'",
          bank(type="ReadyList", path="list.txt", drop_labels="no")),
    Trial("a batch in words", "text_batch_size must be an integer above 0", {"custom_hooks.0.text_batch_size": "256"}),
    Trial("whose words", "from the user's words: 60 nouns, 40 adjectives", code=0),
    Trial("fewer words than the default groups", "has 37 groups of one negative, not 100", **listed(37)),
]  # fmt: skip
