"""Which files are pictures: one rule for every set, whoever reads it; those under a folder, and in two sets."""

import os
import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger
from PIL import Image
from torch.utils.data import Dataset

from mmneglabel.errors import ConfigError, DataError

_READ = ".apng .bmp .dib .gif .jfif .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tga .tif .tiff"
PICTURE_ENDINGS = tuple(_READ.split())
"""Endings of the pictures that every Pillow opens."""

_OTHERS = ".arw .avif .cr2 .cr3 .dng .heic .heif .jp2 .jxl .nef .svg .webp"
OTHER_ENDINGS = tuple(_OTHERS.split())
"""Endings of pictures that Pillow opens where it was built with their format, or has a plugin for it."""

Files = Mapping[str, set[str]]
"""Folder, with links followed, to the names of the picture files in it."""


class PictureFiles:
    """The rule which files are pictures, by how their names end; it counts the pictures that nobody here can open.

    Args:
        extensions: Endings of picture files, in any case, or one; others are left out without a word. Defaults to
            None: all that Pillow opens here, such as ``.heic`` with a plugin alone.
    """

    def __init__(self, extensions: str | Sequence[str] | None = None) -> None:
        self.left_out: Counter[str] = Counter()
        self._others = OTHER_ENDINGS if extensions is None else ()
        given = [extensions] if isinstance(extensions, str) else extensions
        if given is not None and (not given or not all(isinstance(ending, str) and ending for ending in given)):
            raise ConfigError(f"extensions={extensions!r}: give endings of picture files, such as ['.jpg', '.png']")
        self._endings = PICTURE_ENDINGS if given is None else tuple(ending.lower() for ending in given)

    def __call__(self, path: str) -> bool:
        """Whether the file at ``path``, relative to the set's folder, is a picture to read."""
        if path.startswith(".") or "/." in path:
            return False
        path = path.lower()
        if path.endswith(self._endings):
            return True
        if not path.endswith(self._others):
            return False
        # Asked only now: Pillow imports all of its formats for the answer, which takes longer than reading the demo.
        ending = path[path.rindex(".") :]
        opened = ending in Image.registered_extensions()
        self.left_out[ending] += not opened
        return opened

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings that are looked for."""
        return self._endings + tuple(ending for ending in self._others if ending in Image.registered_extensions())

    def warn(self, folder: str | Path) -> None:
        """Say, once, what was left out under ``folder``."""
        counts = Counter({ending: count for ending, count in self.left_out.items() if count})
        if counts:
            listed = ", ".join(f"{count} {ending}" for ending, count in counts.most_common())
            MMLogger.get_current_instance().warning(
                f"folder {Path(folder)}: {counts.total()} pictures are left out, which Pillow cannot open here "
                f"({listed}); convert them, or install Pillow's plugin and import it in custom_imports"
            )


def find_pictures(folder: str | Path, is_picture: PictureFiles) -> list[str]:
    """Return the paths of the pictures under ``folder`` at any depth, sorted by what stands behind ``folder``.

    Paths are compared as text with ``/`` between the parts, character by character, so that the order is the same on
    every machine. Links to folders are followed; hidden files and folders (names with a leading dot) are left out.
    """
    return list(walk_pictures(folder, is_picture))


def walk_pictures(folder: str | Path, is_picture: PictureFiles) -> Iterator[str]:
    """The paths that :func:`find_pictures` returns, in its order, while one folder after the other is read."""
    root = str(Path(folder))
    start = "" if root == "." else f"{root.rstrip('/')}/"
    return _walk(root, start, is_picture, ())


def check_folder(folder: str | Path, setting: str = "data_root") -> Path:
    """Return ``folder``, which ``setting`` gives, as a path.

    Raises:
        DataError: There is no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise DataError(f"folder {path} {'is not a folder' if path.exists() else 'does not exist'}; check {setting}")
    return path


def check_filled(folder: Path, setting: str) -> None:
    """Look for a picture under ``folder``, which ``setting`` gives; folders behind the first one are not read for that.

    Raises:
        DataError: There is none.
    """
    is_picture = PictureFiles()
    if next(walk_pictures(folder, is_picture), None) is None:
        is_picture.warn(folder)
        raise no_pictures(folder, is_picture, setting)


def no_pictures(folder: Path, is_picture: PictureFiles, setting: str = "data_root") -> DataError:
    """What to say of a ``folder`` under which there are none."""
    looked_for = " ".join(is_picture.endings)
    return DataError(f"folder {folder} holds no pictures at any depth (looked for {looked_for}); check {setting}")


def files_of(dataset: Dataset) -> Files:
    """Where the pictures of a set that was read lie."""
    named: dict[str, set[str]] = defaultdict(set)
    for record in records_of(dataset):
        folder, _, name = str(record.get("img_path") or "").rpartition("/")
        if name:  # Pictures in memory have no file.
            named[folder].add(name)
    files: dict[str, set[str]] = defaultdict(set)
    for folder, names in named.items():
        # A path that no file can have stays as it is: that the picture is unreadable shows when it is read.
        files[folder if "\0" in folder else os.path.realpath(folder)] |= names
    return files


def records_of(dataset: Dataset) -> Iterator[dict[str, Any]]:
    """What a set knows of every picture, in order, with or without its number (``sample_idx``)."""
    pictures = len(dataset)  # which reads the list, if nobody has
    own = getattr(type(dataset), "get_data_info", None) is not BaseDataset.get_data_info
    if own or not dataset.serialize_data:
        yield from map(dataset.get_data_info, range(pictures))
        return
    start, held = 0, memoryview(dataset.data_bytes)  # a fourth of the time that asking for each takes
    for end in dataset.data_address.tolist():
        yield pickle.loads(held[start:end])
        start = end


def shared_files(one: Files, other: Files) -> int:
    """How many files are in both."""
    return sum(len(one[folder] & other[folder]) for folder in one.keys() & other.keys())


def warn_of_shared_files(names: Sequence[str], datasets: Sequence[Dataset]) -> None:
    """Warn, once, of OOD sets that hold files of the ID set, the first: a folder given twice, say, or one below."""
    id_files, *ood_files = map(files_of, datasets)
    counts = [(shared_files(id_files, files), name) for name, files in zip(names[1:], ood_files, strict=True)]
    shared = ", ".join(f"{count} of {name!r}" for count, name in counts if count)
    if shared:
        MMLogger.get_current_instance().warning(
            f"The same files are in the ID set {names[0]!r} and in OOD sets: {shared}; no score parts them."
        )


def _walk(folder: str, start: str, is_picture: PictureFiles, above: tuple[str, ...]) -> Iterator[str]:
    """The pictures' paths behind ``start``, in order; no file is looked at, only its name."""
    real = os.path.realpath(folder)
    if real in above:  # A link that leads back up would be walked for ever.
        return
    with os.scandir(folder) as entries:
        shown = (entry for entry in entries if not entry.name.startswith("."))
        # A folder stands where the paths below it do: "a-b" before "a/b", which is before "ab".
        names = sorted(entry.name + "/" if entry.is_dir() else entry.name for entry in shown)
    for name in names:
        if name.endswith("/"):
            yield from _walk(os.path.join(folder, name[:-1]), start + name, is_picture, (*above, real))  # noqa: PTH118
        elif is_picture(name):
            yield start + name
