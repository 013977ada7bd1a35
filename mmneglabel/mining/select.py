"""NegMining's choice of negatives: how near each candidate is to the labels, and which stay.

NegLabel (ICLR 2024, arXiv 2403.20078), section 3.2 and algorithm 1.
"""

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import ConfigError, DataError, is_number
from mmneglabel.mining.directions import has_direction

_ROWS = 4096  # candidates a block: 16 MB of similarities for 1,000 labels


def quantile_similarity(candidates: Tensor, labels: Tensor, quantile: float) -> Tensor:
    """How near each candidate is to the labels: the ``quantile`` of its K cosines, interpolated linearly.

    Args:
        candidates: features (n, D), any norm.
        labels: features (K, D) of the ID labels, any norm.
        quantile: in [0, 1]; 1 is the nearest label, 0.95 forgives a few labels that happen to be near.

    Returns:
        (n,) in [-1, 1], lower = farther; NaN for zeros, which are near to nothing and far from nothing.

    Raises:
        ConfigError: ``quantile`` is out of range.
        DataError: a feature is not finite.
    """
    check_quantile(quantile)
    for name, features in (("candidate", candidates), ("ID label", labels)):
        if not torch.isfinite(features).all():
            raise DataError(f"A {name}'s text features hold NaN or infinity: the text tower's weights are broken.")
    labels = functional.normalize(labels, dim=-1)
    candidates = functional.normalize(candidates, dim=-1)
    similarity = torch.cat([_quantile(block @ labels.T, quantile) for block in candidates.split(_ROWS)])
    return similarity.where(has_direction(candidates), torch.nan)


def check_quantile(quantile: float) -> None:
    """Refuse a quantile outside [0, 1].

    Raises:
        ConfigError: it is.
    """
    if not (is_number(quantile) and 0 <= quantile <= 1):
        raise ConfigError(f"quantile must be in [0, 1], got {quantile!r}; the paper uses 0.95.")


def _quantile(cosines: Tensor, quantile: float) -> Tensor:
    """Row quantiles (n,) of (n, K), as ``torch.quantile`` gives them, by sorting only the largest few."""
    count = cosines.shape[1]
    position = quantile * (count - 1)
    below = int(position)
    largest = cosines.topk(count - below, dim=1).values  # descending: the last one is number `below` from the bottom
    lower, upper = largest[:, -1], largest[:, max(0, count - below - 2)]
    return torch.lerp(lower, upper, position - below)


def farthest(similarity: Tensor, ratio: float) -> Tensor:
    """Indices of the lowest ``int(n * ratio)`` of ``similarity`` (n,), farthest first, ties in corpus order.

    Those that are NaN do not count.

    Raises:
        ConfigError: ``ratio`` is not in (0, 1].
    """
    known = int((~similarity.isnan()).sum())
    return torch.argsort(similarity, stable=True)[: keep_count(known, ratio)]  # NaN is sorted last


def keep_count(count: int, ratio: float) -> int:
    """How many of ``count`` candidates stay: ``int(count * ratio)``, as in the authors' code.

    Raises:
        ConfigError: ``ratio`` is not in (0, 1].
    """
    if not (is_number(ratio) and 0 < ratio <= 1):
        raise ConfigError(f"ratio must be in (0, 1], got {ratio!r}; the paper keeps 0.15 of the candidates.")
    return int(count * ratio)
