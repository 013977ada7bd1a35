"""Configs to the pure classes that :mod:`mmneglabel.registry` lists."""

from collections.abc import Mapping
from typing import Any

from mmpretrain.registry import TASK_UTILS

from mmneglabel.errors import ConfigError, did_you_mean


def build(config: Mapping[str, Any]) -> Any:
    """What a config describes, and first what its entries describe: a filter has a pool and a judge.

    Raises:
        ConfigError: nothing is registered under the ``type``; close matches are named.
    """
    kind = config.get("type")
    if isinstance(kind, str) and TASK_UTILS.get(kind) is None:
        ours = (name for name, made in TASK_UTILS.module_dict.items() if made.__module__.startswith("mmneglabel."))
        place = f"the {TASK_UTILS.scope}::{TASK_UTILS.name} registry"
        raise ConfigError(
            f"{kind} is not in {place}, where a class of your own comes by custom_imports; {did_you_mean(kind, ours)}"
        )
    inner = {k: build(v) if isinstance(v, Mapping) and "type" in v else v for k, v in config.items()}
    return TASK_UTILS.build(inner)
