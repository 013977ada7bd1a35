"""Scores of what a network reads: ODIN pushes the pixels, ReAct clips the features, ViM weighs a part of them."""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import ConfigError, DataError, not_negative, positive, whole, within
from mmneglabel.posthoc.outputs import FittedScore, LastLayer, Outputs, TrainingFeatures
from mmneglabel.scores.logits import largest_probability
from mmneglabel.scores.score import LAST_LAYER, PIXELS, Score


class ODINScore(Score):
    """``max_i softmax_i(l(x') / T)``, ``x' = x - ε sign(∇_x CE(l(x) / T, argmax l(x)))`` (ICLR 2018, arXiv 1706.02690).

    The softmax is taken in float64, since at T = 1000 all scores lie close together. As in MSP it is over all classes,
    while i and the argmax are ID classes: the step never goes towards learned outliers.

    It costs two more forward passes and a backward one for every image, in float32 whatever autocast says, and the
    memory of a training step. The network's parameters collect no gradients.

    Args:
        temperature: T; the paper's is 1000.
        epsilon: ε in units of pixels from 0 to 1, before the normalisation, as the authors count it: the step on
            normalised pixels is ε / std. At least 0; their choice for their networks lies near 0.0014.
    """

    needs: ClassVar[frozenset[str]] = frozenset({PIXELS})

    def __init__(self, temperature: float = 1000.0, epsilon: float = 0.0014) -> None:
        positive(self, temperature=temperature)
        not_negative(self, epsilon=epsilon)
        self.temperature, self.epsilon = temperature, epsilon

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        count = outputs.logits.shape[1]
        # Gradients pass through no tensor that was made in inference mode: a copy is made outside of it.
        with torch.inference_mode(False), torch.enable_grad():
            pixels = outputs.pixels.detach().clone().requires_grad_()
            logits = outputs.classify(pixels) / self.temperature
            loss = functional.cross_entropy(logits, logits[:, :count].argmax(dim=1))
            (gradient,) = torch.autograd.grad(loss, pixels)
        step = self.epsilon * (gradient.sign() / outputs.pixel_std[:, None, None])
        with torch.no_grad():
            return largest_probability(outputs.classify(pixels.detach() - step), count, self.temperature)


class ReActScore(FittedScore):
    """``log Σ_i exp(l_i)`` of the logits ``l = W min(f, c) + b`` (NeurIPS 2021, arXiv 2111.12797).

    c is a quantile of all feature values of the ID training images taken together.

    Args:
        quantile: in (0, 1]; 0.9 is the paper's and TagFog's.
    """

    needs: ClassVar[frozenset[str]] = FittedScore.needs | {LAST_LAYER}

    def __init__(self, quantile: float = 0.9) -> None:
        within(self, 0, 1, above=True, quantile=quantile)
        self.quantile = quantile

    def fit(self, training: TrainingFeatures) -> str:
        """Learn c."""
        # NumPy, since torch.quantile refuses more than 16 million values.
        clip = float(np.percentile(training.features.flatten().cpu().numpy(), 100 * self.quantile))
        self._state = (training.features.new_tensor(clip),)
        return f"features are clipped at {clip:.4g}"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        (clip,) = self._fitted(outputs.features.device)
        return outputs.last_layer(outputs.features.clamp(max=clip)).double().logsumexp(dim=1)


class ViMScore(FittedScore):
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
    """

    needs: ClassVar[frozenset[str]] = FittedScore.needs | {LAST_LAYER}

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
            raise ConfigError(f"ViMScore: dim={dim} must be below the width of the features, {width}.")
        if count <= dim:
            raise DataError(
                f"ViMScore: {dim} of {width} directions need more than {dim} ID training images, got {count}: fit "
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
            raise DataError(f"ViMScore: the ID training images have no residual beside {dim} directions.")
        self._state = (origin, residual, alpha)
        return f"{dim} of {width} directions, alpha {alpha:.4g}"

    def __call__(self, outputs: Outputs) -> Tensor:
        """(N,) scores."""
        origin, residual, alpha = self._fitted(outputs.features.device)
        virtual = alpha * ((outputs.features.double() - origin) @ residual).norm(dim=1)
        return outputs.logits.logsumexp(dim=1) - virtual


def _usual_dim(width: int) -> int:
    if width >= 1500:
        return 1000
    return 512 if width >= 768 else max(1, width // 2)
