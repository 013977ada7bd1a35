"""The features of a benchmark's images on the disk, and the check that they are still of the same images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.features.images import NO_FILE, ListedImages, digest_of, stats
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.store import FileKind, Store
from mmneglabel.storage.strings import Strings


@dataclass(frozen=True, eq=False)
class KeptFeatures:
    """The features of N images, and all that scoring and reporting need to know of the images.

    Attributes:
        features: unit norm, float32 (N, D), in the benchmark's order.
        sets: position of each image's set in ``set_names``, (N,).
        labels: class of each image, (N,); -1 where it has none.
        path_letters, path_ends: the paths, as :class:`Strings` has them.
        stats: size and time of each file before it was read, (N, 2); see :func:`images.stats`.
        digests: of the bytes that were decoded, uint8 (N, 16), see :func:`images.digest_of`; zeros where nobody knows.
        recipe: what decided the features besides the images; see :func:`feature_recipe`.
        set_names: the ID set first.
        classes: the ID set's classes; None where it names none.
        unreadable: pairs of the position of an image that could not be read, and why.
    """

    features: Tensor
    sets: Tensor
    labels: Tensor
    path_letters: Tensor
    path_ends: Tensor
    stats: Tensor
    digests: Tensor
    recipe: Mapping[str, Any]
    set_names: tuple[str, ...]
    classes: tuple[str, ...] | None
    unreadable: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, images: ListedImages, digests: Tensor, **others: Any) -> "KeptFeatures":
        """Of the images as they are listed, and their files' digests; ``others`` are the other attributes."""
        letters, ends = torch.from_numpy(images.paths.letters.copy()), torch.from_numpy(images.paths.ends)
        listed = {"sets": images.sets, "labels": images.labels, "path_letters": letters, "path_ends": ends}
        return cls(digests=digests, **listed, **others)

    @property
    def fingerprint(self) -> str:
        """Of the recipe."""
        return fingerprint(self.recipe)

    @property
    def images(self) -> ListedImages:
        """The images that the features are of."""
        paths = Strings(self.path_letters.numpy(), self.path_ends.numpy())
        return ListedImages(paths, self.sets, self.labels, self.digests)


_KIND = FileKind(KeptFeatures, "file of image features", version=2, mend="run tools/test.py --save-features again")


def feature_store(folder: str | Path | None = None) -> Store[KeptFeatures]:
    """Features by the fingerprint of their recipe, in ``features`` of the cache folder."""
    return Store(_KIND, folder, "features")


def check_images(kept: KeptFeatures, now: ListedImages, mend: str) -> int:
    """Refuse images that are others than then, naming the mend; those that are gone may be so, and are counted.

    A file of the same size and time is taken for the same, any other is read and its bytes compared.

    Raises:
        DataError: there are others, or one holds other bytes.
    """
    then = kept.images
    if not then.same_names(now):
        raise DataError(
            f"The images changed since their features were kept ({len(then.sets)} then, {len(now.sets)} now, by name "
            f"and label): {mend}."
        )
    gone, here = 0, stats(now.paths)
    for index in torch.nonzero((here != kept.stats).any(1) | now.digests.bool().any(1)).flatten().tolist():
        if now.paths[index] and tuple(here[index].tolist()) == NO_FILE:
            gone += 1
            continue
        digest = digest_of(now.paths[index]) if now.paths[index] else now.digests[index].numpy()
        if not digest.any() or not np.array_equal(digest, kept.digests[index].numpy()):
            raise DataError(
                f"{now.paths[index] or f'Image {index}, held in memory,'} changed since its features were kept: {mend}."
            )
    return gone
