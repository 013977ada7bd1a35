"""Mahalanobis: distance to the nearest class mean under the covariance that all classes share."""

import torch
from torch import Tensor

from mmneglabel.errors import DataError, not_negative
from mmneglabel.posthoc.detector import FittedDetector
from mmneglabel.posthoc.outputs import Outputs, TrainingFeatures


class MahalanobisDetector(FittedDetector):
    """``- min_i (f - μ_i)ᵀ Σ⁻¹ (f - μ_i)`` on penultimate features (NeurIPS 2018, arXiv 1807.03888).

    μ_i are the class means of the ID training images, Σ the covariance around them. Everything is in float64, and
    features are whitened once: an image costs D² + K D products, not K D².

    Args:
        ridge: this share of the mean variance is added to every direction's, so that units which never fired in
            training leave Σ invertible; at least 0.

    Raises:
        ConfigError: the ridge is negative.
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
            raise DataError(
                "MahalanobisDetector: every ID training image equals its class mean: give more than one each."
            )
        if rank < len(variances) and not self.ridge:
            raise DataError(
                f"MahalanobisDetector: the covariance of {len(variances)} features has rank {rank} only: give more "
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
        raise DataError(
            f"MahalanobisDetector: {unlabelled} of {len(training.labels)} ID training images have no label."
        )
    counts = training.labels.bincount(minlength=training.num_classes)
    if empty := (counts == 0).nonzero().flatten().tolist():
        raise DataError(
            f"MahalanobisDetector: {len(empty)} of {training.num_classes} classes have no ID training image, first "
            f"class {empty[0]}: fit on more images, or leave the score out."
        )
    sums = training.features.new_zeros(training.num_classes, training.features.shape[1], dtype=torch.float64)
    for rows, labels in training.blocks():
        sums.index_add_(0, labels, rows)
    return sums / counts[:, None]
