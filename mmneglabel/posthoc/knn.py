"""KNN: distance to the k-th nearest training image."""

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import DataError, whole
from mmneglabel.posthoc.detector import FittedDetector
from mmneglabel.posthoc.outputs import Outputs, TrainingFeatures

# Cosines that are held at a time: some images against a block of training images.
_BLOCK = {"cpu": 2**22}
_LARGE_BLOCK = 2**27


class KNNDetector(FittedDetector):
    """``- |z - z_(k)|``, z the unit-norm feature, z_(k) the k-th nearest of training (ICML 2022, arXiv 2204.06507).

    Exact, by matrix products on the device of the images, in blocks. The features of all training images stay there
    in float32: 4 N D bytes.

    Args:
        k: which neighbour. The paper's are 50 for CIFAR-10, 200 for CIFAR-100 and 1000 for all of ImageNet; fewer
            training images want a smaller k in proportion.

    Raises:
        ConfigError: k is no whole number above 0.
    """

    def __init__(self, k: int = 50) -> None:
        whole(self, k=k)
        self.k = k

    def fit(self, training: TrainingFeatures) -> str:
        """Keep the training images.

        Raises:
            DataError: there are fewer than k.
        """
        if len(training.features) < self.k:
            raise DataError(
                f"KNNDetector: k={self.k} needs as many ID training images, got {len(training.features)}: fit on more "
                "images, or set a smaller k."
            )
        self._state = (functional.normalize(training.features.float(), dim=1),)
        return f"neighbour {self.k} of {len(training.features)} images"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores in [-2, 0]."""
        (known,) = self._fitted(outputs.features.device)
        images = functional.normalize(outputs.features.float(), dim=1)
        # Cosines rank the neighbours; the distance itself from the difference, which keeps the digits of near ones.
        return -(images - known[self._neighbours(images, known)]).norm(dim=1)

    def _neighbours(self, images: Tensor, known: Tensor) -> Tensor:
        """The row (N,) of ``known`` that is each image's k-th nearest."""
        values, rows = images.new_empty(len(images), 0), images.new_empty(len(images), 0, dtype=torch.long)
        block = max(self.k, _BLOCK.get(images.device.type, _LARGE_BLOCK) // len(images))
        for start in range(0, len(known), block):
            cosines = images @ known[start : start + block].T
            value, row = cosines.topk(min(self.k, cosines.shape[1]), dim=1)
            values, rows = torch.cat([values, value], dim=1), torch.cat([rows, row + start], dim=1)
            values, best = values.topk(min(self.k, values.shape[1]), dim=1)
            rows = rows.gather(1, best)
        return rows[:, -1]
