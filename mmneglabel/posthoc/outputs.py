"""What post-hoc detectors read: a classifier's outputs for a batch, and its features of the ID training images."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import DataError

_BLOCK = 2**14
"""Training images that are in float64 at a time."""


@dataclass(frozen=True, eq=False)
class LastLayer:
    """The linear layer that turns penultimate features into the logits of the K ID classes.

    Attributes:
        weight: (K, D).
        bias: (K,).
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Logits (N, K) of features (N, D)."""
        return functional.linear(features, self.weight, self.bias)

    def to(self, where: torch.device) -> "LastLayer":
        """The layer on another device."""
        return LastLayer(self.weight.to(where), self.bias.to(where))


@dataclass(frozen=True, eq=False)
class Outputs:
    """A batch of N images as the classifier sees them, in float32 or better; what no detector asks for is None.

    Attributes:
        logits: (N, K), of the ID classes alone.
        features: penultimate features (N, D).
        last_layer: with which ``last_layer(features)`` is ``logits``.
        pixels: normalised pixels (N, C, H, W), as the network gets them.
        pixel_std: (C,), by which the normalisation divided pixels in [0, 1].
        classify: normalised pixels to the logits (N, K + M) of all classes, differentiable.
        outlier_logits: (N, M), of the classes as which outliers were learned; M is 0 for most classifiers.
    """

    logits: Tensor
    features: Tensor | None = None
    last_layer: LastLayer | None = None
    pixels: Tensor | None = None
    pixel_std: Tensor | None = None
    classify: Callable[[Tensor], Tensor] | None = None
    outlier_logits: Tensor | None = None

    @property
    def all_logits(self) -> Tensor:
        """(N, K + M)."""
        return self.logits if self.outlier_logits is None else torch.cat([self.logits, self.outlier_logits], dim=1)


@dataclass(frozen=True, eq=False)
class TrainingFeatures:
    """What detectors are fitted on: all ID training images at once, in one order whatever the number of processes.

    Attributes:
        features: penultimate features (N, D) float32; detectors are fitted on the device that they are on.
        labels: (N,) from 0 to K - 1, or -1 where an image has none.
        num_classes: K.
        last_layer: the classifier's last layer, where a detector asks for it.

    Raises:
        DataError: there are no images, a feature is NaN or infinite, or a label is not below K.
    """

    features: Tensor
    labels: Tensor
    num_classes: int
    last_layer: LastLayer | None = None

    def __post_init__(self) -> None:
        if not len(self.features):
            raise DataError("There are no ID training images to fit detectors on.")
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
