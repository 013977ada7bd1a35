"""Inputs of the right size and no meaning: label banks of random features, and pictures as large as photographs."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from mmneglabel.datasets.files import PictureFiles, find_pictures
from mmneglabel.mining import LabelBank

_WIDTH, _HEIGHT, _GRAIN = 500, 375, 14  # ImageNet's usual size; grain that makes files of about 100 kB, as there


def unit_rows(count: int, dim: int, seed: int) -> Tensor:
    """``count`` random unit vectors (count, dim)."""
    return functional.normalize(torch.randn(count, dim, generator=torch.Generator().manual_seed(seed)), dim=-1)


def random_bank(labels: Sequence[str], negatives: int, dim: int, seed: int, tower: str = "") -> LabelBank:
    """A bank of random features, as costly to compare with as a mined one of the same size.

    Args:
        labels: the class names.
        negatives: how many negatives, 0 for none.
        dim: width of the features.
        seed: of the features.
        tower: fingerprint of the text tower that is to accept the bank as its own.
    """
    return LabelBank(
        labels=tuple(labels),
        label_features=unit_rows(len(labels), dim, seed),
        negatives=tuple(f"negative {i}" for i in range(negatives)),
        parts_of_speech=("noun",) * negatives,
        distances=torch.zeros(negatives),
        negative_features=unit_rows(negatives, dim, seed + 1) if negatives else torch.empty(0, dim),
        recipe={
            "method": "random features",
            "negatives": negatives,
            "seed": seed,
            "text_tower": tower,
            "prompts": {},
        },
    )


def write_photographs(folder: Path, count: int, seed: int) -> None:
    """``count`` JPEG files of the size and weight of photographs: soft blobs of colour under a grain."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed)
    for i in range(count):
        blobs = Image.fromarray(noise.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((_WIDTH, _HEIGHT))
        grain = noise.normal(0, _GRAIN, (_HEIGHT, _WIDTH, 3))
        pixels = np.clip(np.asarray(blobs) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:05}.jpg", quality=90)


def find_images(args: Namespace, folder: Path) -> list[Path]:
    """The photographs that the command line names, or generated ones."""
    source = Path(args.images) if args.images else folder / "generated"
    if not args.images:
        write_photographs(source, args.count, args.seed)
    found = [Path(path) for path in find_pictures(source, PictureFiles())]
    if len(found) < 2:
        raise SystemExit(f"error: --images {source} holds {len(found)} pictures; at least 2 are needed")
    return found


def write_empty_pictures(folder: Path, count: int, classes: int) -> tuple[Path, Path]:
    """``count`` files of no bytes with names of pictures in ``classes`` folders, and as many in one.

    Returns:
        The two sets' folders.
    """
    id_set, ood_set = folder / "classes", folder / "flat"
    ood_set.mkdir()
    for label in range(classes):
        (id_set / f"n{label:08}").mkdir(parents=True)
    for i in range(count):
        (id_set / f"n{i % classes:08}" / f"picture_{i:08}.JPEG").touch()
        (ood_set / f"{i:08}.jpg").touch()
    return id_set, ood_set


def split_in_two(images: Sequence[Path], folder: Path, classes: int) -> tuple[Path, Path]:
    """An ID set of every other image, in ``classes`` folders (some may be empty), and an OOD set of the rest.

    The images are linked, not copied.

    Returns:
        The two folders.
    """
    id_set, ood_set = folder / "id", folder / "ood"
    ood_set.mkdir(parents=True)
    for label in range(classes):
        (id_set / f"{label:04}").mkdir(parents=True)
    for i, image in enumerate(images):
        place = ood_set if i % 2 else id_set / f"{i // 2 % classes:04}"
        (place / f"{i:05}{image.suffix}").symlink_to(image.resolve())
    return id_set, ood_set
