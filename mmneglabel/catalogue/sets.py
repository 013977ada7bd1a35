"""The picture sets of the field by name.

Nothing here opens a file: a set is a config of the one reader of folders and tables, and what can be said beforehand
of the pictures that it finds. Names, counts and layouts are the makers' own; counts that nobody confirmed are marked.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mmneglabel.catalogue.id_sets import ID_SETS
from mmneglabel.catalogue.ood_sets import OOD_SETS
from mmneglabel.catalogue.takes import PictureSet, Take
from mmneglabel.errors import ConfigError, did_you_mean

SETS = ID_SETS | OOD_SETS


def find_set(name: str) -> PictureSet:
    """The set of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in SETS:
        raise ConfigError(f"No picture set {name!r}: {did_you_mean(name, SETS)}")
    return SETS[name]


def find_take(name: str, take: str | None = None) -> Take:
    """What a paper takes of the set ``name``; None means all, or the first take of a set that has no such.

    Raises:
        ConfigError: the set has no such take.
    """
    takes = find_set(name).takes
    wanted = take or ("all" if "all" in takes else next(iter(takes)))
    if wanted not in takes:
        raise ConfigError(f"Picture set {name!r} has no take {wanted!r}: {did_you_mean(wanted, takes)}")
    return takes[wanted]


def set_config(name: str, take: str | None = None, data_root: str = "data") -> dict[str, Any]:
    """The config of a set for ``OODBenchmark``, its folders below ``data_root``."""
    return {"name": name, **_below(data_root, find_take(name, take).read)}


def _below(data_root: str, read: Mapping[str, Any]) -> dict[str, Any]:
    if "datasets" in read:
        return {**read, "datasets": [_below(data_root, part) for part in read["datasets"]]}
    return {**read, "data_root": str(PurePosixPath(data_root) / read["data_root"])}
