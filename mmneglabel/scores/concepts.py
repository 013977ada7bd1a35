"""The scores of one softmax over raw cosines: MCM, GL-MCM with places of the image, EOE with imagined outliers."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from mmneglabel.errors import not_negative, positive
from mmneglabel.scores.score import LOCAL, NEGATIVES, TEXTS, Score
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities

_BLOCK = 2**24  # local similarities held at once: 64 MB


@dataclass(frozen=True)
class MCMScore(Score):
    """``max_i softmax_i(cos(h, e_i) / T)`` in (0, 1] (MCM, NeurIPS 2022, arXiv 2211.13445, equation 1).

    Args:
        temperature: T on the raw cosines; the paper's is 1.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS})

    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores."""
        return (seen.logits / (LOGIT_SCALE * self.temperature)).softmax(dim=-1).amax(dim=-1)


@dataclass(frozen=True)
class GLMCMScore(Score):
    """``MCM(h) + weight max_{p,i} softmax_i(cos(h_p, e_i) / T)`` in (0, 1 + weight], p over the places of the image.

    GL-MCM (IJCV 2025, arXiv 2304.04521). An image is ID where either the whole or one place in it
    looks like an ID label.

    Args:
        weight: lambda, of the local part, not negative; 0.5 as in the authors' published rows (their program's own
            default is 1).
        temperature: T on the raw cosines of both parts; the paper's is 1.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, LOCAL})

    weight: float = 0.5
    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        not_negative(self, weight=self.weight)

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores."""
        return MCMScore(self.temperature)(seen) + self.weight * self._local(seen)

    def _local(self, seen: Similarities) -> Tensor:
        """The largest softmax (N,) over all places and labels."""
        labels = seen.texts.labels
        rows = max(1, _BLOCK // (seen.local.shape[1] * len(labels)))
        logits = (block @ labels.T / self.temperature for block in seen.local.split(rows))
        return torch.cat([(each.amax(dim=2) - each.logsumexp(dim=2)).amax(dim=1).exp() for each in logits])


@dataclass(frozen=True)
class EOEScore(Score):
    """``max_i p_i - beta max_j p_j`` in [-beta, 1], p the softmax over ID labels i and outlier names j together.

    EOE (ICML 2024, arXiv 2406.00806), the score alone: the negatives of the bank are outlier class names
    that somebody, or a language model, has imagined already (``ImaginedList(path=...)``).

    Args:
        beta: weight of the outlier names, not negative; the paper's is 0.25.
        temperature: T on the raw cosines; the paper's is 1.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES})

    beta: float = 0.25
    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        not_negative(self, beta=self.beta)

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores."""
        outliers = torch.cat([block.flatten(1) for block in seen.negative_logits(groups=1, seed=0)], dim=1)
        logits = torch.cat([seen.logits, outliers], dim=1) / (LOGIT_SCALE * self.temperature)
        inside, outside = logits.softmax(dim=1).tensor_split([seen.logits.shape[1]], dim=1)
        return inside.amax(dim=1) - self.beta * outside.amax(dim=1)
