"""What is known of pipelines before a picture passes: the one a tower wants, and orders of channels that clash."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS
from PIL import Image
from torch import nn
from torch.utils.data import Dataset

from mmneglabel.backbones import Preprocessing
from mmneglabel.datasets.loading import LoadRGBImage
from mmneglabel.errors import ConfigError
from mmneglabel.runtime import fit

_LOADERS = ("LoadRGBImage", "LoadImageFromFile")


@TRANSFORMS.register_module()
class FitToTower(BaseTransform):
    """Resize and cut a picture as a vision-language tower expects it; see :func:`mmneglabel.runtime.fit`.

    **Required and modified keys:** ``img`` (uint8, RGB, shape (H, W, 3); it may come as Pillow's). **Modified:**
    ``img_shape``.

    Args:
        size: height and width of the result.
        resize_mode: "shortest", "longest" or "squash".
        interpolation: the resize filter, such as "bicubic".
        resized_to: the height and width from whose middle ``size`` is cut; None is ``size``.
    """

    def __init__(
        self,
        size: tuple[int, int],
        resize_mode: str = "shortest",
        interpolation: str = "bicubic",
        resized_to: tuple[int, int] | None = None,
    ) -> None:
        self.size, self.resize_mode, self.interpolation = tuple(size), resize_mode, interpolation
        self.resized_to = resized_to

    def transform(self, results: dict) -> dict:
        """Change ``img``."""
        image = results["img"]
        picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
        results["img"] = np.array(fit(picture, self.size, self.resize_mode, self.interpolation, self.resized_to))
        results["img_shape"] = self.size
        return results

    def __repr__(self) -> str:
        cut = f", resized_to={self.resized_to}" if self.resized_to else ""
        return f"{type(self).__name__}({self.size}, {self.resize_mode!r}, {self.interpolation!r}{cut})"


def tower_pipeline(facts: Preprocessing) -> list[dict[str, Any]]:
    """Config of the pipeline that a tower with these facts wants; its preprocessor normalises."""
    return [
        {"type": "LoadRGBImage", "as_array": False},
        {
            "type": "FitToTower",
            "size": facts.size,
            "resize_mode": facts.resize_mode,
            "interpolation": facts.interpolation,
            "resized_to": facts.resized_to,
        },
        {"type": "PackInputs", "meta_keys": ("img_path", "ori_shape", "unreadable", "digest")},
    ]


def piped_sets(dataset: Any, name: str = "the test set") -> Iterator[tuple[str, Any]]:
    """The datasets with a pipeline that a benchmark, or any other wrapper, is made of, each with its name."""
    if hasattr(dataset, "pipeline"):
        yield name, dataset
    elif inner := getattr(dataset, "datasets", None):
        names = getattr(dataset, "set_names", [name] * len(inner))
        for part, its_name in zip(inner, names, strict=True):
            yield from piped_sets(part, its_name)
    elif hasattr(dataset, "dataset"):
        yield from piped_sets(dataset.dataset, name)


def check_pipelines(datasets: Mapping[str, Dataset], preprocessor: nn.Module) -> None:
    """What can be said of the pixels of a trained classifier, whose facts nobody knows.

    Raises:
        ConfigError: a set has no pipeline, or its RGB pictures meet a preprocessor, or other sets, for BGR ones.
    """
    loaders: dict[str, str] = {}
    for name, images in (pair for called, dataset in datasets.items() for pair in piped_sets(dataset, called)):
        if not (steps := images.pipeline.transforms):
            raise ConfigError(
                f"{name} has no pipeline, and what pixels a trained classifier wants nobody can tell: set "
                "test_dataloader.dataset.pipeline to the one that it was tested with."
            )
        if any(isinstance(step, LoadRGBImage) for step in steps) and getattr(preprocessor, "to_rgb", False):
            raise ConfigError(
                f"The pipeline of {name} loads RGB (LoadRGBImage), and model.data_preprocessor.to_rgb=True takes it "
                "for BGR: set it to False, or load by LoadImageFromFile."
            )
        loaders |= {kind: name for step in steps if (kind := type(step).__name__) in _LOADERS}
    if len(loaders) > 1:
        rgb, bgr = (loaders[loader] for loader in _LOADERS)
        raise ConfigError(
            f"The pipeline of {rgb} loads RGB ({_LOADERS[0]}) and that of {bgr} BGR ({_LOADERS[1]}), and one "
            "preprocessor cannot be right for both: load all by the same."
        )
