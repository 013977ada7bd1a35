"""Whoever labels pictures in front of the detector: any classifier of MMPretrain, or a function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from numpy.typing import NDArray
from torch import Tensor

from mmneglabel.engine.checks import check_classes
from mmneglabel.errors import ConfigError
from mmneglabel.models.labeller import FitToLabeller, Labeller, checked

Classifier = Callable[[Sequence[NDArray[np.uint8]]], Tensor]
"""RGB arrays (H, W, 3) of N pictures to probabilities (N, K)."""


def as_classifier(given: Any, classes: Sequence[str], device: str | torch.device) -> Classifier:
    """What ``given`` makes of pictures: a function, or a model or config of MMPretrain, perhaps with a checkpoint.

    Raises:
        ConfigError: it knows other classes than the detector, or more stands behind it than a checkpoint.
    """
    if callable(given) and not isinstance(given, BaseModel):
        return lambda pictures: checked(torch.as_tensor(given(pictures)), len(pictures), len(classes))
    if isinstance(given, tuple) and not 1 <= len(given) <= 2:
        raise ConfigError(f"classifier {given!r}: give a model and, behind it, at most its checkpoint")
    labeller = Labeller(*given) if isinstance(given, tuple) else Labeller(given)
    labeller.model.to(device)
    if labeller.classes:
        check_classes("The classifier", labeller.classes, {"classes": classes})
    fit = FitToLabeller(labeller.steps)
    return lambda pictures: checked(labeller([fit.shown(one) for one in pictures]), len(pictures), len(classes))
