"""What may be given as a picture: paths, folders, tars, patterns, addresses, bytes, PIL pictures, arrays, lists."""

import glob
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmneglabel.datasets.files import PictureFiles, walk_pictures
from mmneglabel.datasets.tables import picture_paths
from mmneglabel.errors import DataError, one_line
from mmneglabel.runtime import checked_array, checked_picture

TABLES = (".txt", ".csv", ".tsv", ".json", ".parquet")
TAR = ".tar"

_ADDRESSES = ("http://", "https://")

_MOST_BYTES, _SECONDS = 20 * 2**20, 10
"""Of a picture from an address."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: how results call it: the path or the address, else its number, as ``#3``.
        source: a path, bytes, a :class:`Slice`, a PIL picture or an array; or the error of one that is not to be read.
    """

    name: str
    source: Any


@dataclass(frozen=True)
class Slice:
    """A picture's file inside another, such as a tar: ``size`` bytes from ``start`` on."""

    path: str
    start: int
    size: int

    def read(self) -> bytes:
        """Its bytes."""
        with Path(self.path).open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


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

    Raises:
        DataError: as :func:`names_of` and :func:`pictures_named` say.
    """
    table = table_of(given)
    return [picture for name in names_of(given) for picture in pictures_named(name, table)]


def check_there(given: str | Path) -> None:
    """Refuse a path of a command line that leads nowhere, where that would show only as one picture that is not there.

    Raises:
        DataError: it does.
    """
    path = str(Path(given).expanduser())
    if not (str(given).startswith(_ADDRESSES) or glob.has_magic(path) or Path(path).exists()):
        raise DataError(f"{given} is neither a list, a folder, a tar nor a picture that is there: check the path")


def names_of(given: str | Path) -> Iterator[str]:
    """What a path of a command line stands for: a table's rows, as it writes them, or else files and tars.

    Of tables of lines, and of Parquet, no more than a piece is held in memory.

    Raises:
        DataError: there is nothing.
    """
    if (table := table_of(given)) is None:
        yield from [str(given)] if str(given).startswith(_ADDRESSES) else _paths(str(Path(given).expanduser()))
        return
    names = picture_paths(table)
    if (first := next(names, None)) is None:
        raise DataError(f"{table} holds no pictures: write a path a line")
    yield first
    yield from names


def pictures_named(name: str, table: Path | None, folder: Path = Path()) -> Iterator[Picture]:
    """The picture of such a name, see :func:`picture_named`, or those in a tar.

    Raises:
        DataError: the tar cannot be read.
    """
    picture = picture_named(name, table, folder)
    if is_tar(name) and Path(picture.source).is_file():
        for inside, member in _members(picture.source):
            yield Picture(f"{picture.name}/{inside}", member)
    else:
        yield picture


def picture_named(name: str, table: Path | None, folder: Path = Path()) -> Picture:
    """The picture of a name, which stands in a ``table`` or in none, for somebody who stands in ``folder``.

    A path in a table is relative to there or, where there is no such file, to the table; addresses stay.

    Raises:
        DataError: there are two files that a row may mean.
    """
    if name.startswith(_ADDRESSES):  # a Path would take one of the slashes
        return Picture(name, name)
    path = name if table is None else _placed(name, table, folder)
    return Picture(path, str(folder / path))


def table_of(given: str | Path, folder: Path = Path()) -> Path | None:
    """The table of pictures that a path of a command line is, given in ``folder``; None where it is none."""
    path = Path(given).expanduser()
    return path if path.suffix.lower() in TABLES and (folder / path).is_file() else None


def is_tar(name: str) -> bool:
    """Whether a name is a tar's."""
    return name.lower().endswith(TAR)


def _placed(name: str, table: Path, folder: Path) -> str:
    """A table's picture from where you stand; each row by itself, as one that is missing says nothing of the next."""
    own = Path(name).expanduser()
    if own.is_absolute():
        return str(own)
    here, beside = folder / own, folder / table.parent / own
    if not here.exists():
        return str(table.parent / own)
    if beside.exists() and not beside.samefile(here):
        raise DataError(f"{table}: {name} may be {here.resolve()} or {beside.resolve()}: write out which")
    return str(own)


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
        for path in _paths(str(Path(one).expanduser())):
            yield from pictures_named(path, None)


def _members(tar: str) -> Iterator[tuple[str, Slice]]:
    """The pictures in a tar, in its order; each can be read by itself, in any process."""
    is_picture = PictureFiles()
    try:
        with tarfile.open(tar, "r:") as file:
            for member in file:
                if member.isreg() and not member.issparse() and is_picture(member.name.removeprefix("./")):
                    yield member.name, Slice(tar, member.offset_data, member.size)
                file.members = []  # which it would keep: a tar may hold a million
    except (OSError, tarfile.TarError) as error:
        raise DataError(f"{tar} is no plain tar that can be read ({one_line(error)}): unpack or repack it") from error
    is_picture.warn(tar)


def _paths(path: str) -> Iterator[str]:
    """The files that a path stands for; of a folder one below the other is read when it is its turn."""
    is_picture = PictureFiles()
    if Path(path).is_dir():
        found = walk_pictures(path, is_picture)
    elif glob.has_magic(path) and not Path(path).exists():
        found = iter(sorted(glob.glob(path, recursive=True)))  # noqa: PTH207 - Path.glob takes no absolute patterns
    else:
        found = iter([path])
    if (first := next(found, None)) is None:
        is_picture.warn(path)
        raise DataError(f"{path} holds no pictures: check the path")
    yield first
    yield from found
    is_picture.warn(path)


def load(source: Any) -> dict[str, Any]:
    """What ``LoadRGBImage`` reads it by: ``img_path``, ``img_bytes`` or, as an array in RGB, ``img``.

    Raises:
        DataError: it cannot be fetched, or is no picture of 8 bits; or what stands in its place.
    """
    if isinstance(source, Exception):
        raise source
    if isinstance(source, Slice):
        return {"img_bytes": source.read()}
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
