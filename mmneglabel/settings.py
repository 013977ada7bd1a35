"""A config as single settings by their dotted keys, and which of them are forms that nothing reads any more."""

from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any

from mmengine.registry import MODEL_WRAPPERS
from mmpretrain.registry import DATA_SAMPLERS, DATASETS, HOOKS, LOOPS, METRICS, MODELS, TASK_UTILS, TRANSFORMS

from mmneglabel.errors import ConfigError, class_name

_REGISTRIES = (DATA_SAMPLERS, DATASETS, HOOKS, LOOPS, METRICS, MODEL_WRAPPERS, MODELS, TASK_UTILS, TRANSFORMS)
_OWN_BANK = "each score says who mines its words, as in scores=dict(NegLabel=dict(bank=dict(type='NegMining')))"
_OWN_GROUPS = "scores have it, as in scores=dict(NegLabel=dict(groups=100, bank=dict(type='NegMining')))"

OLD_TYPES = {
    **{
        f"{name}Detector": f"write type='{name}Score'"
        for name in ("Energy", "KNN", "MSP", "Mahalanobis", "MaxLogit", "ODIN", "ReAct", "ViM")
    },
    "EpochSeedHook": "leave it out, and give train_dataloader.sampler=dict(type='EpochSampler', shuffle=True)",
    "FeatureCacheHook": "leave it out, and give test_cfg=dict(type='OODTestLoop', features='keep')",
    "FrozenModelWrapper": "write type='PassThroughWrapper'",
    "ImageFolder": "write type='Pictures'",
    "ImageList": "write dict(type='Pictures', table='list.txt', data_root=...)",
    "KeptFeaturesLoop": "write test_cfg=dict(type='OODTestLoop', features='kept')",
    "ShareSampler": "write sampler=dict(type='DefaultSampler', shuffle=False, round_up=False)",
}
"""Name of a class that is gone -> what to do. Refused where no registry has the name: it may be the user's own."""

OLD_KEYS = {
    ("NegLabelMiningHook", "banks"): f"leave it out: {_OWN_BANK}",
    ("OODReportHook", "save_scores"): "leave it out: every test keeps its scores in results.safetensors",
    **{
        (miner, "groups"): _OWN_GROUPS
        for miner in ("CSP", "ImaginedList", "LabelsOnly", "NegFilter", "NegMining", "RandomWords", "ReadyList")
    },
    **{
        (miner, "seed"): _OWN_GROUPS.replace("groups=100", "seed=0")
        for miner in ("ImaginedList", "LabelsOnly", "NegFilter", "NegMining", "ReadyList")
    },
}
"""Class and key that it takes no more -> what to do. Refused where it has none such."""


def settings(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every setting in ``value`` by its dotted key, each dict and list before what is in it."""
    yield path, value
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for name, item in inner:
        yield from settings(f"{path}.{name}".lstrip("."), item)


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every setting that holds no others; an empty list is one, as it says that there is nothing."""
    for key, item in settings(path, value):
        if not isinstance(item, Mapping | list | tuple) or not item:
            yield key, item


def refuse_old_forms(config: Mapping[str, Any], place: str = "") -> None:
    """Refuse what was written for an earlier mmneglabel, before anything is built.

    Args:
        config: a config, or a part of one.
        place: dotted key of the part.

    Raises:
        ConfigError: names the place and the new form.
    """
    for path, value in settings(place, dict(config)):
        if isinstance(value, Mapping):
            for key, form in _old_forms(path, value):
                raise ConfigError(f"{path}.{key}: ".lstrip(".") + f"{form}.")


def _old_forms(path: str, part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and new form of what is old in the dict at one place of a config."""
    kind = _name(part.get("type"))
    if kind in OLD_TYPES and _registered(kind) is None:
        yield "type", f"nothing is called {kind!r} any more: {OLD_TYPES[kind]}"
    for key, value in part.items():
        if (kind, key) in OLD_KEYS and not _takes(_registered(kind), key):
            yield key, f"{kind} has no {key!r} any more: {OLD_KEYS[kind, key]}"
        if path == "model.scores" and isinstance(value, Mapping) and isinstance(value.get("bank"), str):
            form = f"banks have no names any more: {_OWN_BANK}, or bank=dict(type='SavedBank', path=...)"
            yield f"{key}.bank", form


def _takes(kind: type | None, key: str) -> bool:
    """Whether a class has a setting."""
    return kind is not None and key in signature(kind).parameters


def _registered(kind: str) -> type | None:
    """What a name stands for, in whichever registry."""
    return next((made for registry in _REGISTRIES if (made := registry.get(kind)) is not None), None)


def _name(kind: Any) -> str | None:
    """The bare name of a type that may be ours: text without a scope or with one where ours are found, or a class."""
    path = kind if isinstance(kind, str) else f"{getattr(kind, '__module__', None)}.{class_name(kind)}"
    scope = path.partition(".")[0]
    return class_name(path) if scope in (path, "mmneglabel", "mmpretrain") else None
