"""A folder of image features, each file under what made it, and trusted only if it proves to be the one asked for."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.mining import BankCache
from mmneglabel.storage.tensor_file import TensorFile, sweep

_LOG = logging.getLogger(__name__)
_FILE = TensorFile(
    "file of image features",
    field="features",
    version=1,
    tensors=("features", "sets", "labels"),
    mend="run tools/test.py --save-features again",
)


@dataclass(frozen=True, eq=False)
class ImageFeatures:
    """The features of a benchmark's N images, and all that scoring and reporting need to know of the images.

    Attributes:
        features: unit norm, float32 (N, D), in the benchmark's order.
        sets: position of each image's set in ``set_names``, (N,).
        labels: class of each image, (N,); -1 where it has none.
        recipe: what decided the features besides the images; see :func:`feature_recipe`.
        images: checksum of the list of images; see :func:`list_images`.
        set_names: the ID set first.
        classes: the ID set's classes; None where it names none.
        unreadable: position of each image that could not be read -> why.
    """

    features: Tensor
    sets: Tensor
    labels: Tensor
    recipe: Mapping[str, Any]
    images: str
    set_names: tuple[str, ...]
    classes: tuple[str, ...] | None = None
    unreadable: Mapping[int, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write a file, all of it or nothing."""
        plain = {name: getattr(self, name) for name in ("recipe", "images", "set_names", "classes")}
        plain["unreadable"] = sorted(self.unreadable.items())
        _FILE.write(path, plain, {"features": self.features, "sets": self.sets, "labels": self.labels})

    @classmethod
    def load(cls, path: Path) -> "ImageFeatures":
        """Read a file back.

        Raises:
            DataError: it is missing, truncated, altered, or of another format.
        """
        return _FILE.read(path, cls._from_file)

    @classmethod
    def _from_file(cls, plain: dict[str, Any], tensors: dict[str, Tensor]) -> "ImageFeatures":
        classes = None if plain["classes"] is None else tuple(plain["classes"])
        changed = {"set_names": tuple(plain["set_names"]), "classes": classes, "unreadable": dict(plain["unreadable"])}
        return cls(**tensors, **plain | changed)


class FeatureCache:
    """Image features by recipe. Nothing that is wrong with the folder stops a run: it is said.

    Args:
        folder: that of the bank cache; the features lie in its ``features``.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = BankCache(folder).folder / "features"

    def path(self, recipe: Mapping[str, Any]) -> Path:
        """The file that holds, or will hold, what this recipe makes."""
        fingerprint = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{fingerprint[:32]}.safetensors"

    def load(self, recipe: Mapping[str, Any]) -> ImageFeatures | None:
        """The features, or None if they are not there, are damaged, or are others under this name."""
        path = self.path(recipe)
        try:
            kept = ImageFeatures.load(path)
        except DataError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                _LOG.warning("%s Ignoring it.", error)
            return None
        if kept.recipe != recipe:
            _LOG.warning("%s holds other features than its name says. Ignoring it.", path)
            return None
        return kept

    def save(self, kept: ImageFeatures) -> Path | None:
        """Keep ``kept``; where the folder cannot be written, say so and return None."""
        path = self.path(kept.recipe)
        try:
            kept.save(path)
        except (OSError, SafetensorError) as error:  # a full disk is the latter
            _LOG.warning("The image features could not be kept (%s): free the disk, or set $MMNEGLABEL_CACHE.", error)
            return None
        sweep(self.folder)
        return path
