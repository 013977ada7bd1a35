"""What may be given as a picture: paths, folders, patterns, addresses, bytes, PIL pictures, arrays, lists of these."""

import glob
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmneglabel.datasets.files import PictureFiles, find_pictures
from mmneglabel.datasets.tables import read_table
from mmneglabel.errors import DataError, one_line
from mmneglabel.runtime import checked_array, checked_picture

TABLES = (".txt", ".csv", ".tsv", ".json")

_ADDRESSES = ("http://", "https://")

_MOST_BYTES, _SECONDS = 20 * 2**20, 10
"""Of a picture from an address."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: how results call it: the path or the address, else its number, as ``#3``.
        source: a path, bytes, a PIL picture or an array.
    """

    name: str
    source: Any


_SINGLE = (str, Path, bytes, bytearray, np.ndarray, Image.Image, Picture)


def pictures_of(inputs: Any) -> list[Picture]:
    """Every picture in ``inputs``, in order; of folders and patterns by name.

    Raises:
        DataError: a folder or pattern has no picture, or something is no picture at all. Files that are missing or
            damaged are found when they are read.
    """
    found = (picture for one in _flat(inputs) for picture in _found(one))
    return [Picture(picture.name or f"#{number}", picture.source) for number, picture in enumerate(found)]


def listed(given: str | Path) -> list[Picture]:
    """The pictures of a path on a command line, which may also be a table that ``Pictures`` reads, such as .txt.

    A path in a table is relative to where you stand or, where there is no such file, to the table; addresses stay.

    Raises:
        DataError: the table has no row, or there are two files that a row may mean.
    """
    path = Path(given).expanduser()
    if path.suffix.lower() not in TABLES or not path.is_file():
        return pictures_of(given)
    if not (rows := read_table(path)):
        raise DataError(f"{path} holds no pictures: write a path a line")
    return pictures_of([_placed(row.path, path) for row in rows])


def _placed(name: str, table: Path) -> str:
    """A table's picture from where you stand; each row by itself, as one that is missing says nothing of the next."""
    if name.startswith(_ADDRESSES):  # a Path would take one of the slashes
        return name
    here = Path(name).expanduser()
    beside = table.parent / here
    if not here.exists():
        return str(beside)
    if beside.exists() and not beside.samefile(here):
        raise DataError(f"{table}: {name} may be {here.resolve()} or {beside.resolve()}: write out which")
    return str(here)


def _flat(inputs: Any) -> Iterator[Any]:
    """Lists and generators opened."""
    if isinstance(inputs, _SINGLE) or not isinstance(inputs, Iterable):
        yield inputs
    else:
        for one in inputs:
            yield from _flat(one)


def _found(one: Any) -> Iterator[Picture]:
    """The pictures that one input stands for; those that have no name yet have an empty one."""
    if isinstance(one, Picture):
        yield one
    elif isinstance(one, bytes | bytearray | np.ndarray | Image.Image):
        yield Picture("", bytes(one) if isinstance(one, bytearray) else one)
    elif not isinstance(one, str | Path):
        raise DataError(
            f"A {type(one).__name__} is no picture: give a path, a folder, an address, bytes, a PIL picture, or an "
            "RGB array (H, W, 3) of uint8"
        )
    elif str(one).startswith(_ADDRESSES):
        yield Picture(str(one), str(one))
    else:
        yield from (Picture(path, path) for path in _paths(str(Path(one).expanduser())))


def _paths(path: str) -> list[str]:
    found = [path]
    if Path(path).is_dir():
        is_picture = PictureFiles()
        found = find_pictures(path, is_picture)
        is_picture.warn(path)
    elif glob.has_magic(path) and not Path(path).exists():
        found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
    if not found:
        raise DataError(f"{path} holds no pictures: check the path")
    return found


def load(source: Any) -> dict[str, Any]:
    """What ``LoadRGBImage`` reads it by: ``img_path``, ``img_bytes`` or, as an array in RGB, ``img``.

    Raises:
        DataError: it cannot be fetched, or is no picture of 8 bits.
    """
    if isinstance(source, Image.Image):
        return {"img": checked_picture(source)}
    if isinstance(source, np.ndarray):
        return {"img": checked_array(source)}
    if isinstance(source, str) and source.startswith(_ADDRESSES):
        source = _fetched(source)
    return {"img_bytes": source} if isinstance(source, bytes) else {"img_path": source}


def _fetched(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:
            data = answer.read(_MOST_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise DataError(f"cannot be fetched: {one_line(error)}") from error
    if len(data) > _MOST_BYTES:
        raise DataError(f"more than {_MOST_BYTES // 2**20} MB: fetch it yourself, and give the file")
    return data
