"""Scores that know the training images: distance to the k-th nearest of them, and to the nearest class mean."""

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import DataError, not_negative, whole
from mmneglabel.posthoc.outputs import FittedScore, Outputs, TrainingFeatures

# Cosines that are held at a time: some images against a block of training images.
_BLOCK = {"cpu": 2**22}
_LARGE_BLOCK = 2**27


class KNNScore(FittedScore):
    """``- |z - z_(k)|``, z the unit-norm feature, z_(k) the k-th nearest of training (ICML 2022, arXiv 2204.06507).

    Exact, by matrix products on the device of the images, in blocks. The features of all training images stay there
    in float32: 4 N D bytes.

    Args:
        k: which neighbour. The paper's are 50 for CIFAR-10, 200 for CIFAR-100 and 1000 for all of ImageNet; fewer
            training images want a smaller k in proportion.
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
                f"KNNScore: k={self.k} needs as many ID training images, got {len(training.features)}: fit on more "
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


class MahalanobisScore(FittedScore):
    """``- min_i (f - μ_i)ᵀ Σ⁻¹ (f - μ_i)`` on penultimate features (NeurIPS 2018, arXiv 1807.03888).

    μ_i are the class means of the ID training images, Σ the covariance around them. Everything is in float64, and
    features are whitened once: an image costs D² + K D products, not K D².

    Args:
        ridge: this share of the mean variance is added to every direction's, so that units which never fired in
            training leave Σ invertible; at least 0.
    """

    def __init__(self, ridge: float = 1e-6) -> None:
        not_negative(self, ridge=ridge)
        self.ridge = ridge

    def fit(self, training: TrainingFeatures) -> str:
        """Learn means and covariance.

        Raises:
            DataError: a class has no training image, images lack labels, all images equal their class mean, or Σ is
                singular and there is no ridge.
        """
        means = _class_means(training)
        variances, directions = torch.linalg.eigh(training.second_moment(means))
        mean_variance, smallest = variances.mean(), variances[-1] * len(variances) * torch.finfo(torch.float64).eps
        rank = int((variances > smallest).sum())
        if not mean_variance > 0:
            raise DataError("MahalanobisScore: every ID training image equals its class mean: give more than one each.")
        if rank < len(variances) and not self.ridge:
            raise DataError(
                f"MahalanobisScore: the covariance of {len(variances)} features has rank {rank} only: give more "
                f"than {len(training.features)} ID training images, or set ridge=1e-6."
            )
        whiten = directions / (variances.clamp(min=0) + self.ridge * mean_variance).sqrt()
        centre = means.mean(dim=0)  # near the origin, squared distances keep their digits
        self._state = (centre, whiten, (means - centre) @ whiten)
        return f"{len(means)} class means, a covariance of rank {rank} of {len(variances)}"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        centre, whiten, means = self._fitted(outputs.features.device)
        white = (outputs.features.double() - centre) @ whiten
        return -torch.cdist(white, means).amin(dim=1).square()


def _class_means(training: TrainingFeatures) -> Tensor:
    """(K, D) float64."""
    if unlabelled := int((training.labels < 0).sum()):
        raise DataError(f"MahalanobisScore: {unlabelled} of {len(training.labels)} ID training images have no label.")
    counts = training.labels.bincount(minlength=training.num_classes)
    if empty := (counts == 0).nonzero().flatten().tolist():
        raise DataError(
            f"MahalanobisScore: {len(empty)} of {training.num_classes} classes have no ID training image, first "
            f"class {empty[0]}: fit on more images, or leave the score out."
        )
    sums = training.features.new_zeros(training.num_classes, training.features.shape[1], dtype=torch.float64)
    for rows, labels in training.blocks():
        sums.index_add_(0, labels, rows)
    return sums / counts[:, None]
