"""The scores that read nothing but a model's logits, whatever the model: MSP, MaxLogit, Energy.

A trained classifier gives its logits in float64: in float32 the softmax of confident images ties at 1.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mmneglabel.errors import positive
from mmneglabel.scores.score import Score


@dataclass(frozen=True)
class MSPScore(Score):
    """Maximum softmax probability, ``max_i softmax_i(l / T)`` in [0, 1] (ICLR 2017, arXiv 1610.02136).

    The softmax is over all classes, i over the ID classes: what a classifier gives to the outliers that it learned is
    lost to the rest. TagFog's authors have it so.

    Args:
        temperature: T; the paper's is 1.
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)

    def __call__(self, seen: Any) -> Tensor:
        """(N,) scores in float64."""
        every = seen.logits if seen.outlier_logits is None else torch.cat([seen.logits, seen.outlier_logits], dim=1)
        return largest_probability(every, seen.logits.shape[1], self.temperature)


def largest_probability(logits: Tensor, num_classes: int, temperature: float) -> Tensor:
    """The largest (N,) of the first ``num_classes`` of the softmax over all ``logits`` (N, K + M), in float64."""
    return (logits.double() / temperature).softmax(dim=1)[:, :num_classes].amax(dim=1)


@dataclass(frozen=True)
class MaxLogitScore(Score):
    """The largest logit, ``max_i l_i`` (ICML 2022, arXiv 1911.11132); with texts the largest cosine times 100."""

    def __call__(self, seen: Any) -> Tensor:
        """(N,) scores."""
        return seen.logits.amax(dim=1)


@dataclass(frozen=True)
class EnergyScore(Score):
    """Minus the free energy, ``T log Σ_i exp(l_i / T)`` (NeurIPS 2020, arXiv 2010.03759, equation 4).

    Args:
        temperature: T of the logits, which are 100 x cosine where images are compared with texts; the paper's is 1.
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)

    def __call__(self, seen: Any) -> Tensor:
        """(N,) scores."""
        return self.temperature * (seen.logits / self.temperature).logsumexp(dim=1)
