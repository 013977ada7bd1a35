"""What post-hoc scores read: a classifier's outputs for a batch, and its features of the ID training images."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmneglabel.errors import ConfigError, DataError, WeightsError
from mmneglabel.scores.score import FEATURES, FIT, Score

_BLOCK = 2**14
"""Training images that are in float64 at a time."""


@dataclass(frozen=True, eq=False)
class LastLayer:
    """The linear layer, weight (K, D) and bias (K,), from penultimate features to the logits of the K ID classes."""

    weight: Tensor
    bias: Tensor

    @classmethod
    def of(cls, layer: nn.Linear, count: int) -> "LastLayer":
        """The first ``count`` rows of a network's layer as they are now."""
        weight = layer.weight.detach()[:count]
        return cls(weight, weight.new_zeros(count) if layer.bias is None else layer.bias.detach()[:count])

    def __call__(self, features: Tensor) -> Tensor:
        """Logits (N, K) of features (N, D)."""
        return functional.linear(features, self.weight, self.bias)

    def to(self, where: torch.device) -> "LastLayer":
        """The layer on another device."""
        return LastLayer(self.weight.to(where), self.bias.to(where))


def find_last_layer(head: nn.Module, features: Tensor, logits: Tensor, wanted_by: Sequence[str]) -> nn.Linear:
    """The head's linear layer whose first K rows turn ``features`` (N, D) into ``logits`` (N, K), whatever its name.

    A head may have others, such as a hidden one before or a projection beside it.

    Raises:
        ConfigError: there is none.
        WeightsError: the logits are no numbers.
    """
    features, logits = features.detach(), logits.detach()
    if not logits.isfinite().all():
        raise WeightsError(
            f"{type(head).__name__} gives NaN or infinite logits: the training diverged, or half precision overflowed."
        )
    count, width = logits.shape[1], features.shape[1]
    for layer in reversed([module for module in head.modules() if isinstance(module, nn.Linear)]):
        if layer.in_features == width and layer.out_features >= count:
            made = LastLayer.of(layer, count)(features)
            if torch.allclose(made, logits, rtol=1e-4, atol=1e-5 + 1e-4 * float(logits.abs().max())):
                return layer
    raise ConfigError(
        f"{type(head).__name__} has no linear layer that turns its pre_logits into its logits, which "
        f"{', '.join(map(repr, wanted_by))} need: leave them out for this head."
    )


@dataclass(frozen=True, eq=False)
class Outputs:
    """A batch of N images as the classifier sees them, in float32 or better; what no score asks for is None.

    Attributes:
        logits: (N, K), of the ID classes alone, in float64.
        features: penultimate features (N, D).
        last_layer: with which ``last_layer(features)`` is ``logits``.
        pixels: normalised pixels (N, C, H, W), as the network gets them.
        pixel_std: (C,), by which the normalisation divided pixels in [0, 1].
        classify: normalised pixels to the logits (N, K + M) of all classes, differentiable.
        outlier_logits: (N, M), of the classes as which outliers were learned; None for most classifiers.
    """

    logits: Tensor
    features: Tensor | None = None
    last_layer: LastLayer | None = None
    pixels: Tensor | None = None
    pixel_std: Tensor | None = None
    classify: Callable[[Tensor], Tensor] | None = None
    outlier_logits: Tensor | None = None


@dataclass(frozen=True, eq=False)
class TrainingFeatures:
    """What scores are fitted on: all ID training images at once, in one order whatever the number of processes.

    Attributes:
        features: penultimate features (N, D) float32; scores are fitted on the device that they are on.
        labels: (N,) from 0 to K - 1, or -1 where an image has none.
        num_classes: K.
        last_layer: the classifier's last layer, where a score asks for it.

    Raises:
        DataError: there are no images, a feature is NaN or infinite, or a label is not below K.
    """

    features: Tensor
    labels: Tensor
    num_classes: int
    last_layer: LastLayer | None = None

    def __post_init__(self) -> None:
        if not len(self.features):
            raise DataError("There are no ID training images to fit scores on.")
        finite = torch.cat([rows.isfinite().all(dim=1) for rows in self.features.split(2**16)])
        if not finite.all():
            raise DataError(
                f"{int((~finite).sum())} of {len(finite)} ID training images have NaN or infinite features: look for "
                "an overflow in the network, such as half precision."
            )
        if (highest := int(self.labels.max())) >= self.num_classes:
            raise DataError(
                f"An ID training image has label {highest}, but the model has {self.num_classes} classes: fit on the "
                "ID classes alone, without outliers, with labels from 0 in the order of the model's."
            )

    def blocks(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Features (n, D) in float64 and labels (n,), some images at a time."""
        for rows, labels in zip(self.features.split(_BLOCK), self.labels.split(_BLOCK), strict=True):
            yield rows.double(), labels

    def second_moment(self, centres: Tensor) -> Tensor:
        """Mean outer product (D, D), in float64, of features around one centre (D,), or each class's own (K, D)."""
        moment = self.features.new_zeros((self.features.shape[1],) * 2, dtype=torch.float64)
        for rows, labels in self.blocks():
            residuals = rows - (centres if centres.ndim == 1 else centres[labels])
            moment += residuals.T @ residuals
        return moment / len(self.features)


class FittedScore(Score):
    """A score whose fit leaves tensors behind; they follow the images to their device."""

    needs: ClassVar[frozenset[str]] = frozenset({FIT, FEATURES})
    _state: tuple[Tensor, ...] | None = None

    def _fitted(self, where: torch.device) -> tuple[Tensor, ...]:
        """What :meth:`fit` left in ``_state``, on ``where``; moved once and not kept twice."""
        if self._state is None:
            raise ConfigError(
                f"{type(self).__name__} was not fitted: add dict(type='PostHocFitHook', dataloader=...) to "
                "custom_hooks, or call fit()."
            )
        if self._state[0].device != where:
            self._state = tuple(tensor.to(where) for tensor in self._state)
        return self._state
