"""What decides the features of a benchmark's images: the recipe that names their file, and the list of images."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import ConfigDict
from torch import Tensor, nn

from mmneglabel.datasets import OODBenchmark
from mmneglabel.evaluation.report import NO_LABEL
from mmneglabel.models import NegLabelClassifier


def feature_recipe(model: NegLabelClassifier, dataset: Mapping[str, Any], autocast: bool) -> dict[str, Any]:
    """What decides the features besides the images themselves, as plain JSON.

    The device is left out: features from a GPU may be scored without one.

    Args:
        model: with the weights that it is tested with.
        dataset: config of the benchmark: its sets and its pipelines.
        autocast: whether the towers run in half precision.
    """
    config = ConfigDict(dataset).to_dict()
    sets = {name: config[name] for name in ("id_set", "ood_sets", "pipeline") if name in config}
    return {
        "image_tower": model.backbone.image_fingerprint(),
        "pixels": model.facts()["pixels"],  # of the sets without a pipeline in the config, or that they keep theirs
        "preprocessor": _as_json(_module(model.data_preprocessor)),
        "autocast": bool(autocast),
        "dataset": _as_json(sets),
    }


@dataclass(frozen=True, eq=False)
class ImageList:
    """The images of a benchmark.

    Attributes:
        sets: position of each image's set, the ID set first, (N,).
        labels: class of each image, (N,); -1 where it has none.
        checksum: SHA-256 over names of sets, paths, labels and the files' sizes, if they were asked for.
        missing: how many files there is no access to, of those that were looked at.
    """

    sets: Tensor
    labels: Tensor
    checksum: str
    missing: int


def list_images(benchmark: OODBenchmark, sizes: bool = True) -> ImageList:
    """List the images without opening any; what a dataset holds in memory goes into the checksum in full.

    Args:
        benchmark: the images.
        sizes: whether to look at the files, which a slow disk makes the longest part.
    """
    digest, missing, sets, labels = hashlib.sha256(), 0, [], []
    for index in range(len(benchmark)):
        image = benchmark.get_data_info(index)
        path, pixels, label = str(image.get("img_path", "")), image.get("img"), _label(image.get("gt_label"))
        size = _size(path) if sizes and pixels is None else 0
        digest.update(json.dumps([image["ood_set"], path, label, size]).encode())
        if pixels is not None:
            digest.update(np.ascontiguousarray(pixels))
        missing += size is None
        sets.append(benchmark.set_names.index(image["ood_set"]))
        labels.append(label)
    return ImageList(torch.tensor(sets), torch.tensor(labels), digest.hexdigest(), missing)


def _size(path: str) -> int | None:
    """A file's size in bytes: a replaced picture has another one."""
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):  # The latter of a path that no file can have.
        return None


def _label(label: Any) -> int:
    """The one class of an image, as OODMetric takes it."""
    labels = np.atleast_1d([] if label is None else label)
    return int(labels[0]) if len(labels) == 1 else NO_LABEL


def _module(module: nn.Module) -> dict[str, Any]:
    """A module's type, its settings and its buffers, such as mean and std."""
    plain = (bool, int, float, str, tuple, type(None))
    settings = {k: v for k, v in vars(module).items() if isinstance(v, plain) and k != "training"}
    buffers = {name: buffer.flatten().tolist() for name, buffer in module.named_buffers()}
    return {"type": type(module).__qualname__, "settings": settings, "buffers": buffers}


def _as_json(thing: Any) -> Any:
    """What JSON makes of ``thing``, so that a recipe read back equals the one that was written."""
    return json.loads(json.dumps(thing, sort_keys=True, default=repr))
