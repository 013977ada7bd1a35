"""The check that two things mean the same classes by the same numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmneglabel.datasets.class_order import odd_ones_out, plain
from mmneglabel.errors import ConfigError


def check_classes(source: str, names: Sequence[str], metainfo: Mapping[str, Any]) -> None:
    """The ID set's classes, where it names any, must be as many as ``names``, and in the same order.

    Args:
        source: where the names are from, such as ``"model.class_names"``.
        names: class names by label.
        metainfo: of the benchmark, whose ID set may spell the names otherwise.

    Raises:
        ConfigError: they are not.
    """
    names = tuple(names)
    classes = tuple(metainfo.get("classes") or names)
    if len(classes) != len(names):
        raise ConfigError(
            f"{source} gives {len(names)} names{odd_ones_out(names, classes)}, but the ID set has {len(classes)} "
            f"classes{odd_ones_out(classes, names)}: both need the same classes in the same order."
        )
    here, there = list(map(plain, names)), list(map(plain, classes))
    if here != there and sorted(here) == sorted(there):
        label = next(i for i, (one, other) in enumerate(zip(here, there, strict=True)) if one != other)
        raise ConfigError(
            f"{source} and the ID set have the same classes in another order: label {label} is {names[label]!r} here "
            f"and {classes[label]!r} there."
        )
