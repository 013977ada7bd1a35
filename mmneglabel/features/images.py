"""The images of a benchmark by name, label, and what their files look like from outside."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.results import only_label
from mmneglabel.storage.strings import Strings

NO_FILE = (-1, -1)
"""Stands for size and time of a file that is not there, or of a picture in memory."""

_DIGITS = 32  # half of SHA-256's, as LoadRGBImage gives them


@dataclass(frozen=True, eq=False)
class ListedImages:
    """N images, none of them opened.

    Attributes:
        paths: of their files; empty strings for pictures in memory.
        sets: position of each image's set, the ID set first, (N,).
        labels: class of each image, (N,); -1 where it has none.
        digests: of the pictures in memory, see :func:`digest_of`, uint8 (N, 16); zeros where a file holds the picture.
    """

    paths: Strings
    sets: Tensor
    labels: Tensor
    digests: Tensor

    def same_names(self, other: "ListedImages") -> bool:
        """Whether both have the same paths and labels in the same sets and order."""
        mine, theirs = (torch.stack([images.sets, images.labels]) for images in (self, other))
        return self.paths == other.paths and torch.equal(mine, theirs)

    @property
    def checksum(self) -> str:
        """Of all of it."""
        digest = hashlib.sha256(self.paths.letters)
        for part in (self.paths.ends, self.sets.numpy(), self.labels.numpy(), self.digests.numpy()):
            digest.update(np.ascontiguousarray(part))
        return digest.hexdigest()


def list_images(benchmark: Any) -> ListedImages:
    """The images of a dataset that tells ``set_names`` and ``get_data_info(index)``, in its order."""
    paths, sets, labels = [], [], []
    digests = np.zeros((len(benchmark), _DIGITS // 2), np.uint8)
    for index in range(len(benchmark)):
        image = benchmark.get_data_info(index)
        if (pixels := image.get("img")) is not None:
            digests[index] = as_digest(hashlib.sha256(np.ascontiguousarray(pixels)).hexdigest())
        paths.append("" if pixels is not None else str(image.get("img_path") or ""))
        sets.append(benchmark.set_names.index(image["ood_set"]))
        labels.append(only_label(image.get("gt_label")))
    return ListedImages(Strings.of(paths), torch.tensor(sets), torch.tensor(labels), torch.from_numpy(digests))


def stats(paths: Iterable[str]) -> Tensor:
    """Size in bytes and time of the last change in ns of each file, int64 (N, 2); :data:`NO_FILE` where there is none.

    A file of which both are the same holds the same bytes; one that was copied may have another time.
    """
    return torch.tensor([_stat(path) for path in paths], dtype=torch.int64).reshape(-1, 2)


def digest_of(path: str) -> NDArray[np.uint8]:
    """The first half of the SHA-256 of a file's bytes, uint8 (16,); zeros where it cannot be read."""
    try:
        return as_digest(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    except (OSError, ValueError):
        return as_digest(None)


def as_digest(text: str | None) -> NDArray[np.uint8]:
    """Hex digits of a SHA-256, all or the first half, as bytes, uint8 (16,); zeros for None."""
    return np.frombuffer(bytes.fromhex((text or "0" * _DIGITS)[:_DIGITS]), np.uint8)


def _stat(path: str) -> tuple[int, int]:
    try:
        found = Path(path).stat() if path else None
    except (OSError, ValueError):  # The latter of a path that no file can have.
        found = None
    return (found.st_size, found.st_mtime_ns) if found else NO_FILE
