"""Configs to the pure classes that :mod:`mmneglabel.registry` lists."""

from collections.abc import Mapping
from typing import Any

from mmpretrain.registry import TASK_UTILS

from mmneglabel.errors import ConfigError, did_you_mean, misfit


def build(config: Mapping[str, Any], place: str = "") -> Any:
    """What a config describes, and first what its entries describe: a filter has a pool and a judge.

    Raises:
        ConfigError: nothing is registered under the ``type``, or it does not take, or lacks, a setting; close matches
            are named, and ``place``, the config's dotted key, where that is known.
    """
    kind = config.get("type")
    if isinstance(kind, str) and TASK_UTILS.get(kind) is None:
        ours = (name for name, made in TASK_UTILS.module_dict.items() if made.__module__.startswith("mmneglabel."))
        known = f"the {TASK_UTILS.scope}::{TASK_UTILS.name} registry"
        raise ConfigError(
            f"{kind} is not in {known}, where a class of your own comes by custom_imports; {did_you_mean(kind, ours)}"
        )
    inner = {
        k: build(v, place and f"{place}.{k}") if isinstance(v, Mapping) and "type" in v else v
        for k, v in config.items()
    }
    try:
        return TASK_UTILS.build(inner)
    except TypeError as error:
        if said := misfit(error, place):
            raise ConfigError(said) from error
        raise
