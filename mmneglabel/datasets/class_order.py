"""Which folders below a root are classes and in what order: the same rule for our datasets and MMPretrain's."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import MMLogger
from mmpretrain.datasets import CustomDataset

from mmneglabel.corpus.noun_synsets import is_wordnet_id
from mmneglabel.corpus.words import plain
from mmneglabel.datasets.files import PictureFiles
from mmneglabel.errors import ConfigError, DataError

_NUMBERED = re.compile(r"([0-9]+)(?:[ _.-].*)?")


def class_folders(root: Path) -> tuple[str, ...]:
    """Return the folders in ``root`` in label order: by number if all are whole numbers, otherwise as text.

    Hidden folders are left out.

    Raises:
        DataError: There is none; or some are numbered, and not all alike, so that either order may be meant.
    """
    folders = visible_folders(root)
    if not folders:
        raise DataError(f"folder {root} holds no class folders{flat_hint(root)}; check data_root")
    if loose := _loose(root):
        MMLogger.get_current_instance().warning(
            f"folder {root}: {loose} pictures beside the class folders belong to no class and are left out"
        )
    numbers = {name: int(match[1]) for name in folders if (match := _NUMBERED.fullmatch(name))}
    by_number = sorted(numbers, key=lambda name: (numbers[name], name))
    others = [name for name in folders if not re.fullmatch("[0-9]+", name)]
    if others and by_number != list(numbers):
        first, second = next((a, b) for a, b in zip(numbers, by_number, strict=True) if a != b)
        raise DataError(
            f"folder {root}: as text {first!r} comes before {second!r}, as numbers behind, and {others[0]!r} is no "
            "number; take away what is no class, or give type='ClassFolders' a class_list in label order"
        )
    return tuple(folders if others else by_number)


def visible_folders(root: Path) -> list[str]:
    """Return the folders in ``root`` that are not hidden, sorted as text."""
    return sorted(name for name in _folders(root) if not name.startswith("."))


def check_custom_dataset(dataset: CustomDataset) -> None:
    """Check that MMPretrain's class folders mean what they say.

    Raises:
        ConfigError: The folders are numbers, and ``CustomDataset`` sorts them as text.
        DataError: Hidden folders would be classes, there are no folders, or there is another number of names.
    """
    root = Path(dataset.img_prefix)
    if dataset.ann_file or not dataset.with_label or not root.is_dir():
        return
    if hidden := [name for name in _folders(root) if name.startswith(".")]:
        raise DataError(
            f"folder {root}: the hidden folder {hidden[0]!r} would be a class; remove it, or use type='ClassFolders', "
            "which leaves it out"
        )
    folders = class_folders(root)
    for label, (number, text) in enumerate(zip(folders, sorted(folders), strict=True)):
        if number != text:
            raise ConfigError(
                f"folder {root}: CustomDataset sorts folders that are numbers as text: label {label} would be folder "
                f"{text!r}; use type='ClassFolders', which sorts them as numbers"
            )
    if dataset.CLASSES:
        check_as_many(root, folders, dataset.CLASSES)


def check_as_many(root: Path, folders: Sequence[str], names: Sequence[str]) -> None:
    """Check that there is one class name a folder.

    Raises:
        DataError: There is not; folders that are no classes are named, where that shows.
    """
    if len(folders) != len(names):
        raise DataError(
            f"folder {root}: {len(folders)} class folders for {len(names)} class names{odd_ones_out(folders, names)}; "
            "take away what is no class, or correct the names"
        )


def flat_hint(root: Path) -> str:
    """Say what to do where the pictures lie in ``root`` itself; nothing where they do not."""
    if not _loose(root):
        return ""
    return (
        ", its pictures lie flat: name them and their labels in a table (type='Pictures', table=...), or make class "
        "folders"
    )


def odd_ones_out(classes: Sequence[str], names: Sequence[str]) -> str:
    """Say which of ``classes`` is none of ``names``, however these are spelled; nothing where that cannot be seen."""
    known = set(map(plain, names))
    odd = [name for name in classes if plain(name) not in known]
    if len(odd) == len(classes):  # Folders of ImageNet have other names altogether.
        odd = [name for name in classes if not is_wordnet_id(name)]
    return f" ({', '.join(map(repr, odd[:5]))}: no class name)" if 0 < len(odd) < len(classes) else ""


def _folders(root: Path) -> list[str]:
    with os.scandir(root) as entries:
        return [entry.name for entry in entries if entry.is_dir()]


def _loose(root: Path) -> int:
    """How many pictures lie in ``root`` itself."""
    is_picture = PictureFiles()
    with os.scandir(root) as entries:
        return sum(is_picture(entry.name) and entry.is_file() for entry in entries)
