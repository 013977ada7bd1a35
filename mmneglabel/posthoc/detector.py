"""The interface of post-hoc detectors: a trained classifier's outputs in, one number an image out."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, device

from mmneglabel.errors import ConfigError
from mmneglabel.posthoc.outputs import Outputs, TrainingFeatures


class Detector(ABC):
    """Scores images from what a trained classifier makes of them; higher = more in-distribution, always.

    The class attributes say what a detector reads, so that nothing else is computed.
    """

    needs_fit: ClassVar[bool] = False
    """Whether :meth:`fit` has to come first."""
    needs_features: ClassVar[bool] = False
    needs_last_layer: ClassVar[bool] = False
    needs_pixels: ClassVar[bool] = False
    """Whether it puts pixels through the network again, with a gradient."""

    def fit(self, training: TrainingFeatures) -> str:
        """Learn from the ID training images; returns in a few words what was learned.

        Raises:
            ConfigError: a setting does not go with the network, or with the number of images.
            DataError: the images are too few, or not of all classes.
        """
        return "nothing to fit"

    @abstractmethod
    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores in float64 or float32.

        Raises:
            ConfigError: the detector has to be fitted first.
        """


class FittedDetector(Detector):
    """A detector whose fit leaves tensors behind; they follow the images to their device."""

    needs_fit = True
    needs_features = True
    _state: tuple[Tensor, ...] | None = None

    def _fitted(self, where: device) -> tuple[Tensor, ...]:
        """What :meth:`fit` left in ``_state``, on ``where``; moved once and not kept twice."""
        if self._state is None:
            raise unfitted(self)
        if self._state[0].device != where:
            self._state = tuple(tensor.to(where) for tensor in self._state)
        return self._state


def unfitted(detector: Detector) -> ConfigError:
    """The error of a detector that was asked before it was fitted."""
    return ConfigError(
        f"{type(detector).__name__} was not fitted: add dict(type='PostHocFitHook', dataloader=...) to custom_hooks, "
        "or call fit()."
    )
