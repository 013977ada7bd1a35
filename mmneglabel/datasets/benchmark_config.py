"""Checks of the benchmark's config that need no data: names, groups and the pipeline."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmneglabel.errors import ConfigError, did_you_mean

RESERVED_NAMES = ("mean",)
"""Names that mean something else in the table and in ``metrics.json``."""


def check_names(configs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the names of the sets, the ID set first.

    Raises:
        ConfigError: There is no OOD set, or a name is missing, reserved, given twice, or holds a ``/``.
    """
    if len(configs) < 2:
        raise ConfigError("OODBenchmark: ood_sets is empty; give at least one dict(name=..., type=..., ...)")
    names: list[str] = []
    for position, config in enumerate(configs):
        where = f"ood_sets[{position - 1}]" if position else "id_set"
        if not isinstance(config, Mapping):
            raise ConfigError(f"OODBenchmark: {where} is {config!r}; give a dict(name=..., type=..., ...)")
        name = config.get("name")
        if not isinstance(name, str) or not name:
            raise ConfigError(f"OODBenchmark: {where} has name={name!r}; give it a name")
        _check_not_reserved(name, "a set")
        if name in names:
            raise ConfigError(f"OODBenchmark: two sets are called {name!r}; give each set a name of its own")
        names.append(name)
    return tuple(names)


def check_groups(groups: Mapping[str, Sequence[str]], ood_names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the groups as plain tuples of set names.

    Raises:
        ConfigError: A group is empty, is called like a set or by a reserved name, or holds a name that is doubled or
            that no OOD set has.
    """
    for group, members in groups.items():
        _check_not_reserved(group, "a group")
        if group in ood_names:
            raise ConfigError(f"OODBenchmark: group {group!r} is called like an OOD set; choose another name")
        if isinstance(members, str) or not members or len(set(members)) < len(members):
            raise ConfigError(f"OODBenchmark: group {group!r} is {members!r}; give a list of distinct OOD sets")
        for name in members:
            if name not in ood_names:
                hint = did_you_mean(name, ood_names)
                raise ConfigError(f"OODBenchmark: group {group!r} names {name!r}, which is no OOD set; {hint}")
    return {group: tuple(members) for group, members in groups.items()}


def check_pipeline(pipeline: Sequence[Any], owner: str = "OODBenchmark") -> None:
    """Check that the pipeline packs its results, and packs ``unreadable`` if it loads with ``LoadRGBImage``.

    Raises:
        ConfigError: Without this an unreadable picture would be scored as a black one, in silence; or there are
            several views of a picture.
    """
    types = [step.get("type") if isinstance(step, Mapping) else type(step).__name__ for step in pipeline]
    names = [getattr(kind, "__name__", str(kind)).rpartition(".")[2] for kind in types]
    if "TestTimeAug" in names:
        raise ConfigError(
            f"{owner}: test-time augmentation (--tta, TestTimeAug) averages class scores and no OOD scores: leave "
            "it out"
        )
    if not names or names[-1] != "PackInputs":
        raise ConfigError(f"{owner}: the pipeline must end in PackInputs; it is {names}")
    last = pipeline[-1]
    packed = last.get("meta_keys", ()) if isinstance(last, Mapping) else last.meta_keys
    if "LoadRGBImage" in names and "unreadable" not in packed:
        raise ConfigError(
            f"{owner}: PackInputs must carry 'unreadable' from LoadRGBImage; add it to meta_keys={packed!r}"
        )


def _check_not_reserved(name: str, what: str) -> None:
    if name in RESERVED_NAMES or "/" in name:
        raise ConfigError(f"OODBenchmark: {what} is called {name!r}; 'mean' and names with '/' are reserved")
