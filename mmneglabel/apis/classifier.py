"""Whoever labels pictures in front of the detector: any classifier of MMPretrain, or a function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from mmpretrain.apis import ImageClassificationInferencer
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.engine.checks import check_classes
from mmneglabel.errors import ConfigError

Classifier = Callable[[Sequence[NDArray[np.uint8]]], Tensor]
"""RGB arrays (H, W, 3) of N pictures to probabilities (N, K)."""


def as_classifier(given: Any, classes: Sequence[str], device: str | torch.device) -> Classifier:
    """What ``given`` makes of pictures: a function, or a model or config of MMPretrain, perhaps with a checkpoint.

    Raises:
        ConfigError: it knows other classes than the detector.
    """
    if callable(given) and not isinstance(given, BaseModel):
        return lambda pictures: _checked(torch.as_tensor(given(pictures)), len(pictures), len(classes))
    config, checkpoint = given if isinstance(given, tuple) else (given, None)
    inferencer = ImageClassificationInferencer(config, checkpoint or not isinstance(config, BaseModel), device)
    if names := inferencer.classes:
        check_classes("The classifier", names, {"classes": classes})

    def classify(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        # MMPretrain's inferencers take arrays for BGR.
        batches = inferencer.preprocess([picture[..., ::-1] for picture in pictures], batch_size=len(pictures))
        scores = [sample.pred_score for batch in batches for sample in inferencer.forward(batch)]
        return _checked(torch.stack(scores), len(pictures), len(classes))

    return classify


def _checked(probabilities: Tensor, pictures: int, classes: int) -> Tensor:
    if probabilities.shape != (pictures, classes):
        raise ConfigError(
            f"The classifier gives {tuple(probabilities.shape)} probabilities for {pictures} pictures, and the "
            f"detector has {classes} classes: both must know the same, in the same order."
        )
    return probabilities
