"""Pixel normalisation, of several views at once, that leaves the labels of a test where the metric reads them."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import torch
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.registry import MODELS
from torch import Tensor

from mmneglabel.backbones import Preprocessing
from mmneglabel.errors import ConfigError


@MODELS.register_module()
class ImagePreprocessor(ClsDataPreprocessor):
    """MMPretrain's preprocessor for tests of labelled and unlabelled images, and for training on several views.

    In a test the labels stay where they are: on a GPU the metric would fetch each of them apart and stall it. In
    training they follow the model. Several views of each image, a list of batches (N, 3, H, W), become one batch
    (V · N, 3, H, W): all first views, then all second views. Takes the arguments of ``ClsDataPreprocessor``, but for
    what mixes images and labels.

    Raises:
        ConfigError: ``batch_augments`` or ``to_onehot`` are asked for.
    """

    def __init__(self, **settings: Any) -> None:
        if asked := [name for name in ("batch_augments", "to_onehot") if settings.get(name)]:
            raise ConfigError(
                f"ImagePreprocessor knows no {' and no '.join(asked)}: set its type to ClsDataPreprocessor."
            )
        super().__init__(**settings)

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Normalise ``data["inputs"]``."""
        inputs, samples = data["inputs"], data.get("data_samples")
        if isinstance(inputs, list) and inputs[0].ndim == 4:
            inputs = torch.cat(self.cast_data(inputs))
        if not training and self._in_place(inputs):
            return {"inputs": self._normalised(self.cast_data(inputs)), "data_samples": samples}
        done = super().forward({"inputs": inputs, "data_samples": samples if training else None}, training)
        return done if training else {**done, "data_samples": samples}

    def cast_data(self, data: Any) -> Any:
        """``data`` on the device; a GPU's copy is not waited for, and runs beside Python where memory is pinned.

        By no setting, which MMPretrain's preprocessors have none for: kept features are named by all of those.
        """
        if isinstance(data, Tensor):
            return data.to(self.device, non_blocking=self.device.type == "cuda")
        return super().cast_data(data)

    def _in_place(self, inputs: Any) -> bool:
        """Whether only pixels are asked for, of a batch (N, C, H, W) that keeps its shape and becomes float32."""
        if not (
            isinstance(inputs, Tensor) and inputs.ndim == 4 and self._enable_normalize and self.pad_size_divisor <= 1
        ):
            return False
        facts = (self.mean, self.std)
        return all(fact.dtype != torch.float64 and len(fact) in (1, inputs.size(1)) for fact in facts)

    def _normalised(self, inputs: Tensor) -> Tensor:
        """``(inputs - mean) / std`` to the last bit, in the one new tensor (N, C, H, W) of floats that it needs.

        MMPretrain's way makes three, of 154 MB each for 256 pictures, whose fresh memory costs a CPU twice the sums.
        """
        turned = inputs.flip(1) if self.to_rgb and inputs.size(1) == 3 else inputs
        return turned.to(torch.float32, copy=True).sub_(self.mean).div_(self.std)


def overridden(facts: Preprocessing, override: Mapping[str, Any] | str | None) -> Preprocessing:
    """The tower's facts with what a config changes on purpose.

    Raises:
        ConfigError: it changes what is none of them, or the size, which towers have one alone of.
    """
    if override is None or override == "pipeline":
        return facts
    known = [field.name for field in fields(Preprocessing) if field.name != "size"]  # towers take one size alone
    if not isinstance(override, Mapping) or not set(override) <= set(known):
        raise ConfigError(
            f"model.preprocessing_override is {override!r}: give a dict of some of {', '.join(known)}, such as "
            "dict(interpolation='bilinear'), or 'pipeline' to take the pipelines as they are written."
        )
    changed = {name: tuple(value) if isinstance(value, list) else value for name, value in override.items()}
    return replace(facts, **changed)


def tower_preprocessor(facts: Preprocessing) -> dict:
    """The preprocessor that the tower was trained with, for images loaded as RGB in [0, 255]."""
    scaled = {name: [255 * value for value in getattr(facts, name)] for name in ("mean", "std")}
    return {"type": "mmpretrain.ImagePreprocessor", "to_rgb": False, **scaled}
