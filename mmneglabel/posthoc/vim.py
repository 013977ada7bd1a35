"""ViM: the energy against a virtual logit, the part of a feature that training images do not have."""

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, DataError, whole
from mmneglabel.posthoc.detector import FittedDetector
from mmneglabel.posthoc.outputs import LastLayer, Outputs, TrainingFeatures


class ViMDetector(FittedDetector):
    """``log Σ_i exp(l_i) - α |R (f - u)|`` (Virtual-logit Matching, CVPR 2022, arXiv 2203.10807).

    u = -W⁺ b is the origin at which all logits are 0, R projects on the directions in which training features vary
    least around u, and α makes the residual as large as the largest logit in the mean over training images. α is
    negative where that mean is, as in networks trained with sigmoids: the score then means little.

    In float64: the small variances decide, and float32 drowns them in the rounding of the large ones. Logits, W and b
    are those of the ID classes, also where a classifier learned outliers as a further class.

    Args:
        dim: directions that are left out of the residual, below the width D of the features. None is 1000 for
            D ≥ 1500 and 512 for D ≥ 768, as its authors have it, and D // 2 below. TagFog's authors take 384 for
            D ≤ 512 and 512 above, on ImageNet-100 1000 for D ≥ 2048 and 512 below: their configs say so.

    Raises:
        ConfigError: dim is no whole number above 0.
    """

    needs_last_layer = True

    def __init__(self, dim: int | None = None) -> None:
        if dim is not None:
            whole(self, dim=dim)
        self.dim = dim

    def fit(self, training: TrainingFeatures) -> str:
        """Learn R and α.

        Raises:
            ConfigError: dim is not below the width of the features.
            DataError: there are not more images than dim, or they have no residual.
        """
        count, width = training.features.shape
        dim = self.dim or _usual_dim(width)
        if dim >= width:
            raise ConfigError(f"ViMDetector: dim={dim} must be below the width of the features, {width}.")
        if count <= dim:
            raise DataError(
                f"ViMDetector: {dim} of {width} directions need more than {dim} ID training images, got {count}: fit "
                "on more images, or set a smaller dim."
            )
        layer = LastLayer(training.last_layer.weight.double(), training.last_layer.bias.double())
        origin = -torch.linalg.pinv(layer.weight) @ layer.bias
        _, directions = torch.linalg.eigh(training.second_moment(origin))  # by ascending variance
        residual = directions[:, : width - dim].contiguous()
        blocks = [(layer(rows).amax(dim=1), ((rows - origin) @ residual).norm(dim=1)) for rows, _ in training.blocks()]
        largest, norms = (torch.cat(column).mean() for column in zip(*blocks, strict=True))
        alpha = largest / norms
        if not alpha.isfinite():
            raise DataError(f"ViMDetector: the ID training images have no residual beside {dim} directions.")
        self._state = (origin, residual, alpha)
        return f"{dim} of {width} directions, alpha {alpha:.4g}"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        origin, residual, alpha = self._fitted(outputs.features.device)
        virtual = alpha * ((outputs.features.double() - origin) @ residual).norm(dim=1)
        return outputs.logits.double().logsumexp(dim=1) - virtual


def _usual_dim(width: int) -> int:
    if width >= 1500:
        return 1000
    return 512 if width >= 768 else max(1, width // 2)
