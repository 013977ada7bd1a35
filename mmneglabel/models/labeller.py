"""A classifier of MMPretrain that says the class, in place of the one that says whether it is any."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.dataset import Compose
from mmengine.model import BaseModel
from mmengine.registry import DefaultScope
from mmpretrain.apis import get_model
from mmpretrain.datasets import remove_transform
from mmpretrain.registry import TRANSFORMS
from mmpretrain.structures import DataSample
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.errors import ConfigError

INPUTS = "labeller_inputs"
"""Where a picture's pixels for the labeller travel, on data samples."""


class Labeller:
    """A classifier of MMPretrain with the pixels that it was tested on.

    It is no module of whoever holds it: a detector's checkpoint is the detector's.

    Args:
        model: its name in MMPretrain, a config or its path, or a model that ``get_model`` built.
        checkpoint: its weights; None takes those that MMPretrain publishes for the name.

    Raises:
        ConfigError: MMPretrain knows no such model, or nothing says what pixels it wants.
    """

    def __init__(self, model: Any, checkpoint: str | None = None) -> None:
        if not isinstance(model, BaseModel):
            try:
                model = get_model(model, pretrained=checkpoint or True)
            except (ValueError, FileNotFoundError) as error:
                raise ConfigError(
                    f"MMPretrain has no classifier {model!r} ({error}): give a name or a config"
                ) from error
        config = getattr(model, "_config", None) or {}
        steps = ((config.get("test_dataloader") or {}).get("dataset") or {}).get("pipeline")
        if not steps:
            raise ConfigError(
                f"Nothing says what pixels the {type(model).__name__} wants: build it by mmpretrain.get_model from a "
                "config with test_dataloader.dataset.pipeline, or give a function"
            )
        self.model = model.eval()
        self.steps = remove_transform(steps, "LoadImageFromFile")
        self.classes: Sequence[str] = getattr(model, "_dataset_meta", {}).get("classes") or ()

    def __call__(self, inputs: Sequence[Tensor]) -> Tensor:
        """Probabilities (N, K) of what :class:`FitToLabeller` made of N pictures."""
        with torch.no_grad():
            data = self.model.data_preprocessor({"inputs": list(inputs)}, False)
            return torch.stack([sample.pred_score for sample in self.model(data["inputs"], mode="predict")])


def labelled(samples: Sequence[DataSample], labeller: Labeller, device: torch.device, classes: int) -> Tensor:
    """The labeller's probabilities (N, K) of samples that bring its pixels, which they lose.

    Raises:
        ConfigError: its pixels are not there, or it knows another number of classes.
    """
    inputs = [sample.get(INPUTS) for sample in samples]
    if any(one is None for one in inputs):
        raise ConfigError(
            "model.predict_with is a classifier, and these samples have no pixels for it: kept features hold none, and "
            "nor do pipelines that are written out"
        )
    labeller.model.to(device)
    for sample in samples:
        sample.pop(INPUTS)  # as large as the picture, and samples are collected
    return checked(labeller(inputs), len(samples), classes)


def checked(probabilities: Tensor, pictures: int, classes: int) -> Tensor:
    """Probabilities of so many pictures and classes.

    Raises:
        ConfigError: they are of others.
    """
    if probabilities.shape != (pictures, classes):
        raise ConfigError(
            f"The classifier gives {tuple(probabilities.shape)} probabilities for {pictures} pictures, and the "
            f"detector has {classes} classes: both must know the same, in the same order."
        )
    return probabilities


@TRANSFORMS.register_module()
class FitToLabeller(BaseTransform):
    """Add what a labeller is shown of a picture, beside what the tower is.

    **Required keys:** ``img`` (uint8, RGB, shape (H, W, 3); it may come as Pillow's). **Added:** ``labeller_inputs``, a
    tensor.

    Args:
        steps: the labeller's pipeline behind the loading.
    """

    def __init__(self, steps: Sequence[Mapping[str, Any]]) -> None:
        with DefaultScope.overwrite_default_scope("mmpretrain"):
            self.pipeline = Compose([TRANSFORMS.build(step) for step in steps])

    def transform(self, results: dict) -> dict:
        """Add the tensor."""
        return {**results, INPUTS: self.shown(np.asarray(results["img"]))}

    @staticmethod
    def put_into(steps: Sequence[Mapping[str, Any]], labeller: Labeller) -> list[dict[str, Any]]:
        """A pipeline, of loading first and packing last, that also makes the labeller's pixels."""
        load, *others, pack = map(dict, steps)
        packed = {**pack, "meta_keys": (*pack["meta_keys"], INPUTS)}
        return [load, {"type": "FitToLabeller", "steps": labeller.steps}, *others, packed]

    def shown(self, rgb: NDArray[np.uint8]) -> Tensor:
        """Of a picture (H, W, 3) in RGB, which MMPretrain's pipelines expect in BGR."""
        shape = rgb.shape[:2]
        return self.pipeline({"img": rgb[..., ::-1].copy(), "img_shape": shape, "ori_shape": shape})["inputs"]
