"""The methods by their names in tables: which score, and who mines the words that it compares with."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from mmneglabel.errors import ConfigError, class_name, did_you_mean

# CLIP's own template, in which MCM's authors, and others whose score knows the labels alone, write them.
_PHOTO = {"type": "LabelsOnly", "prompts": {"label": "a photo of a {}"}}
# CSP's words as NegRefine calls for them, less what WordNet's judge takes back.
_NEGREFINE = {
    "type": "NegFilter",
    "pool": {"type": "CSP", "quantile": 1.0, "drop_labels": True},
    "judge": {"type": "WordNetJudge"},
}

METHODS: dict[str, dict[str, Any]] = {
    # Images against texts
    "NegLabel": {"type": "NegLabelScore", "bank": {"type": "NegMining"}},
    "NegLabel-random": {"type": "NegLabelScore", "bank": {"type": "RandomWords"}},
    "CSP": {"type": "NegLabelScore", "bank": {"type": "CSP"}},
    "NegRefine": {"type": "NegRefineScore", "bank": _NEGREFINE},
    "NegFilter": {"type": "NegLabelScore", "bank": _NEGREFINE},
    "MultiMatching": {"type": "MultiMatchingScore", "bank": _NEGREFINE},
    "EOE": {"type": "EOEScore", "bank": {"type": "ImaginedList"}},
    "MCM": {"type": "MCMScore", "bank": _PHOTO},
    "GL-MCM": {"type": "GLMCMScore", "bank": _PHOTO},
    # Of streams, which learn from the test images
    "AdaNeg": {
        "type": "AdaNegScore",
        "static": {"type": "NegLabelScore", "groups": 5},
        "bank": {"type": "NegMining"},
    },
    "TANL": {"type": "TANLScore", "bank": {"type": "NegMining", "ratio": 1.0, "drop_labels": True}},
    "OODD": {"type": "OODDScore", "static": {"type": "NegLabelScore"}, "bank": {"type": "NegMining"}},
    # Of either kind of model
    "MSP": {"type": "MSPScore", "bank": _PHOTO},
    "MaxLogit": {"type": "MaxLogitScore", "bank": _PHOTO},
    "Energy": {"type": "EnergyScore", "bank": _PHOTO},
    # Of a trained classifier
    "ReAct": {"type": "ReActScore"},
    "ODIN": {"type": "ODINScore"},
    "Mahalanobis": {"type": "MahalanobisScore"},
    "KNN": {"type": "KNNScore"},
    "ViM": {"type": "ViMScore"},
}
"""Table row -> config of its score, the bank in it; a config changes what it says otherwise."""


def usual(names: Iterable[str]) -> str:
    """Which of a table's rows is meant where none is named, whatever their order: MMEngine sorts configs it writes."""
    names = list(names)
    return next((name for name in METHODS if name in names), names[0])


def resolve(scores: Any, banks: bool = True) -> dict[str, dict[str, Any]]:
    """Table rows to full configs of scores.

    A row called like a method, or with ``method=...``, is that method with what its dict changes; one with another
    ``type`` than its method's is what it says. A row that is None is left out. A list of names stands for methods as
    they are. Scores of a trained classifier have no ``banks``.

    Raises:
        ConfigError: a row is of no method, or not written as a dict.
    """
    if isinstance(scores, list | tuple) and all(isinstance(name, str) for name in scores):
        scores = {name: {} for name in scores}
    rows = scores if isinstance(scores, Mapping) else {}
    rows = {name: config for name, config in rows.items() if config is not None and name != "_delete_"}
    if not rows:
        raise ConfigError(f"model.scores is {scores!r}: name at least one, such as dict(NegLabel=dict(), MCM=dict()).")
    found = {name: _row(name, config) for name, config in rows.items()}
    if banks:
        return found
    if named := [name for name, config in rows.items() if "bank" in config]:
        raise ConfigError(
            f"Score {named[0]!r} has a bank, and a trained classifier compares with no words: leave it out."
        )
    return {name: {key: value for key, value in row.items() if key != "bank"} for name, row in found.items()}


def _row(name: str, config: Any) -> dict[str, Any]:
    if not isinstance(config, Mapping):
        raise ConfigError(f"Score {name!r} is {config!r}: give a dict of what it changes, such as dict(groups=50).")
    config = {key: value for key, value in config.items() if key != "_delete_"}
    if not isinstance(bank := config.get("bank", {}), Mapping):
        raise ConfigError(
            f"Score {name!r} has bank={bank!r}: a score says itself who mines its words, bank=dict(type='NegMining'), "
            "or bank=dict(type='SavedBank', path=...)."
        )
    named = "method" in config
    method = config.pop("method", name)
    base = deepcopy(METHODS.get(method, {}))
    if not base and (named or "type" not in config):
        raise ConfigError(f"Score {name!r}: no method {method!r}, {did_you_mean(str(method), METHODS)}")
    if named and _differ(base, config):
        raise ConfigError(
            f"Score {name!r} has method={method!r}, a {base['type']}, and type={config['type']!r}: leave one out."
        )
    return _changed(base, config)


def _changed(base: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes``, dict by dict; one with another ``type`` or ``_delete_=True`` takes the whole place.

    MMEngine takes that key out itself, but only where a base file has something to delete.
    """
    changes = dict(changes)
    if changes.pop("_delete_", False) or not isinstance(base, Mapping) or _differ(base, changes):
        base = {}
    inner = {k: _changed(base.get(k), v) for k, v in changes.items() if isinstance(v, Mapping)}
    return {**base, **changes, **inner}


def _differ(base: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    return class_name(changes.get("type", base.get("type"))) != class_name(base.get("type"))
