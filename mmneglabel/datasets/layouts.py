"""The usual wrong layouts of a picture set on the disk, each by its name and with the move that mends it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmpretrain.datasets import CIFAR10
from mmpretrain.registry import DATASETS

from mmneglabel.corpus.class_list import read_class_list
from mmneglabel.corpus.noun_synsets import is_wordnet_id
from mmneglabel.datasets.files import PictureFiles

Read = Mapping[str, Any]
"""The config of a set's reader, its ``data_root`` relative to the folder of all data."""

_LISTS_OF_IMAGENET = ("val.txt", "val_labeled.txt", "val_annotation_prefix.txt")


class Fault(NamedTuple):
    """What is wrong: its name, as users call it, and what to do."""

    name: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}: {self.mend}"


def layout_fault(read: Read, data_root: Path) -> Fault | None:
    """The first thing wrong with how a set lies below ``data_root``; None where nothing usual is.

    Only names of files are looked at, and nothing is touched.
    """
    folder = data_root / read["data_root"]
    if fault := _nested(folder, read["data_root"], data_root) or _flattened(folder):
        return fault
    if read["type"] == "ImageNet":
        pictures = folder / read["split"]
        return _numbered(pictures, "imagenet1k") or _unlisted_imagenet(folder, pictures, read["split"])
    if read["type"] == "ClassFolders":
        return _flat(folder) or _numbered(folder, read.get("class_list"))
    return _list_elsewhere(folder, _tables(read))


def due_files(read: Read, data_root: Path) -> dict[Path, str | None]:
    """The tables and batches without which a set cannot be read, each with its MD5 where MMPretrain asks for that."""
    folder, kind = data_root / read["data_root"], DATASETS.get(read["type"])
    if not issubclass(kind, CIFAR10):
        return {folder / table: None for table in _tables(read)}
    batches = kind.train_list + kind.test_list  # which it looks at whatever the split
    return {folder / kind.base_folder / name: md5 for name, md5 in batches}


def misplaced(picture: Path) -> Fault | None:
    """Where a picture lies that a table names elsewhere: in a folder more, or in one less."""
    if found := next(picture.parent.glob(f"*/{picture.name}"), None):
        return Fault("class folders", f"the list names {picture}; mv -n {found.parent.parent}/*/* {picture.parent}/")
    if (picture.parent.parent / picture.name).is_file():
        return Fault(
            "flat", f"the list names {picture}, which lies in {picture.parent.parent} itself; make the folders"
        )
    return None


def _nested(folder: Path, wanted: str, data_root: Path) -> Fault | None:
    """An archive unpacked into a folder of its own name, or the whole set one or two folders deeper."""
    if folder.exists():
        inner = folder / folder.name
        alone = inner.is_dir() and _names(folder) == [inner.name]
        return Fault("extra nesting", f"mv {inner}/* {folder}/") if alone else None
    # The folder that the set's archive makes is moved as a whole, or its contents where that is there already.
    top = Path(wanted).parts[0]
    place = data_root / top
    found = (
        Path(str(path).removesuffix(wanted), top) for depth in ("*/", "*/*/") for path in data_root.glob(depth + wanted)
    )
    # Only out of folders that hold nothing else: another set's part may have the same name.
    inner = next((path for path in found if all(len(_names(up)) == 1 for up in _between(path, data_root))), None)
    if inner is None:
        return None
    return Fault("extra nesting", f"mv {inner}/* {place}/" if place.exists() else f"mv {inner} {place}")


def _between(path: Path, data_root: Path) -> list[Path]:
    """The folders above ``path`` that lie below ``data_root``."""
    return [folder for folder in path.parents if data_root in folder.parents]


def _flattened(folder: Path) -> Fault | None:
    """NegLabel's and CSP's code read a copy of Textures without its folders, which nobody ships."""
    copy = folder.parent / "images_collate"
    if folder.exists() or not copy.is_dir():
        return None
    return Fault("flattened", f"{copy} has lost its folders; unpack the archive anew, so that {folder} is there")


def _flat(folder: Path) -> Fault | None:
    if _subfolders(folder) or not _holds_pictures(folder):
        return None
    return Fault("flat", f"{folder} holds pictures and no class folders; make each class a folder")


def _numbered(folder: Path, class_list: str | None) -> Fault | None:
    """Label numbers in place of WordNet ids or names."""
    names = _subfolders(folder)
    if not class_list or not names or not all(re.fullmatch("[0-9]+", name) for name in names):
        return None
    due = read_class_list(class_list)[0].folder
    kind = "WordNet ids" if is_wordnet_id(due) else "names"
    return Fault(
        "numbered folders",
        f"{folder} has the folder {names[0]!r}, where {kind} such as {due!r} are due; "
        f"if the numbers are labels, line n + 1 of txtfiles/classes/{class_list}.txt says what n becomes",
    )


def _unlisted_imagenet(folder: Path, pictures: Path, split: str) -> Fault | None:
    """ImageNet's flat pictures say their classes nowhere but in a list."""
    if _subfolders(pictures) or not _holds_pictures(pictures):
        return None
    table = f"meta/{split}.txt"
    if (folder / table).exists():
        return None
    lost = Fault("no list", f"{folder / table} is not there, and the pictures lie in no class folders")
    return _list_elsewhere(folder, [table], _LISTS_OF_IMAGENET) or lost


def _tables(read: Read) -> list[str]:
    tables = read.get("table") or []
    return [tables] if isinstance(tables, str) else tables


def _list_elsewhere(folder: Path, tables: list[str], others: tuple[str, ...] = ()) -> Fault | None:
    """The first table that is not there and lies elsewhere, perhaps by one of its ``others`` names."""
    for missing in (folder / table for table in tables if folder.is_dir() and not (folder / table).exists()):
        # Beside the set lie other sets, with lists of the same names in folders of their own.
        beside = ((folder, ""), (folder, "*/"), (folder.parent, ""), (folder.parent, f"{missing.parent.name}/"))
        names = (missing.name, *others)
        if found := next((path for name in names for base, depth in beside for path in base.glob(depth + name)), None):
            return Fault("list elsewhere", f"mkdir -p {missing.parent} && mv {found} {missing}")
    return None


def _names(folder: Path) -> list[str]:
    """What lies in a folder, hidden names left out."""
    return sorted(entry.name for entry in folder.iterdir() if entry.name[0] != ".") if folder.is_dir() else []


def _subfolders(folder: Path) -> list[str]:
    return [name for name in _names(folder) if (folder / name).is_dir()]


def _holds_pictures(folder: Path) -> bool:
    is_picture = PictureFiles()
    return any(is_picture(name) and (folder / name).is_file() for name in _names(folder))
