"""All pictures under a folder, without labels, in an order that does not depend on the file system."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mmpretrain.datasets import BaseDataset
from mmpretrain.registry import DATASETS

from mmneglabel.errors import DataError

IMAGE_EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""Endings that mark a file as a picture, in whatever case."""


@DATASETS.register_module()
class ImageFolder(BaseDataset):
    """Every picture under ``data_root``, at any depth, sorted by its path relative to it.

    Paths are compared as text with ``/`` between the parts, character by character, so that the order is the same on
    every machine. Links to folders are followed; hidden files and folders (names with a leading dot) are left out.
    There are no labels: for an ID set with class folders there is :class:`ClassFolders`.

    Args:
        data_root: The folder.
        extensions: Endings of picture files, in any case. Defaults to :data:`IMAGE_EXTENSIONS`.
        **kwargs: As for MMPretrain's ``BaseDataset``: ``pipeline``, ``metainfo``, ``indices``, ``lazy_init`` …
    """

    def __init__(self, data_root: str, extensions: Sequence[str] = IMAGE_EXTENSIONS, **kwargs: Any) -> None:
        self.extensions = tuple(extension.lower() for extension in extensions)
        super().__init__(ann_file="", data_root=str(Path(data_root).expanduser()), **{"test_mode": True, **kwargs})

    def load_data_list(self) -> list[dict]:
        """Find the pictures.

        Returns:
            One ``dict(img_path=...)`` a picture.

        Raises:
            DataError: The folder is missing or holds no picture.
        """
        root = check_folder(self.img_prefix)
        found = find_pictures(root, self.extensions)
        if not found:
            looked_for = " ".join(self.extensions)
            raise DataError(f"folder {root} holds no pictures at any depth (looked for {looked_for}); check data_root")
        return [{"img_path": path} for path in found]


def check_folder(folder: str | Path) -> Path:
    """Return ``folder`` as a path.

    Raises:
        DataError: There is no such folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise DataError(f"folder {path} {'is not a folder' if path.exists() else 'does not exist'}; check data_root")
    return path


def find_pictures(folder: Path, extensions: Sequence[str] = IMAGE_EXTENSIONS) -> list[str]:
    """Return the pictures under ``folder`` at any depth, sorted by their path below it as :class:`ImageFolder` says."""
    found = sorted(path.relative_to(folder).as_posix() for path in _walk(folder, tuple(extensions)))
    return [str(folder / path) for path in found]


def _walk(folder: Path, extensions: tuple[str, ...], above: tuple[Path, ...] = ()) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:  # A link that leads back up would be walked for ever.
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _walk(folder / entry.name, extensions, (*above, real))
            elif entry.name.lower().endswith(extensions):
                yield folder / entry.name
