"""NegMining's choice of negatives: how near each candidate is to the labels, and which stay.

NegLabel (ICLR 2024, arXiv 2403.20078), section 3.2 and algorithm 1. A text that the tower gives zeros has cosine 0 to
every label, and so would count as far from all: such candidates are left out, and such labels refused.
"""

import logging
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from mmneglabel.errors import DataError

ROWS = 4096
"""Candidates a block: 16 MB of similarities for 1,000 labels. Who shares blocks finds what one finds alone."""


def quantile_similarity(candidates: Tensor, labels: Tensor, quantile: float) -> Tensor:
    """How near each candidate is to the labels: the ``quantile`` of its K cosines, interpolated linearly.

    Args:
        candidates: features (n, D), any norm.
        labels: features (K, D) of the ID labels, any norm.
        quantile: in [0, 1]; 1 is the nearest label, 0.95 forgives a few labels that happen to be near.

    Returns:
        (n,) in [-1, 1], lower = farther; NaN for zeros, which are near to nothing and far from nothing.

    Raises:
        DataError: a feature is not finite.
    """
    labels = _directions("ID label", labels)
    blocks = (_directions("candidate", block) for block in candidates.split(ROWS))  # they stay in the CPU's cache
    return torch.cat([_quantile(block @ labels.T, quantile).where(has_direction(block), torch.nan) for block in blocks])


def _directions(name: str, features: Tensor) -> Tensor:
    """The finite ``features`` (n, D) at unit norm."""
    if not torch.isfinite(features).all():
        raise DataError(f"A {name}'s text features hold NaN or infinity: the text tower's weights are broken.")
    return functional.normalize(features, dim=-1)


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
    """
    every = ranked(similarity)
    return every[: keep_count(len(every), ratio)]


def ranked(similarity: Tensor) -> Tensor:
    """Indices of all that are not NaN of ``similarity`` (n,), farthest first, ties in corpus order."""
    known = int((~similarity.isnan()).sum())
    return torch.argsort(similarity, stable=True)[:known]  # NaN is sorted last


def keep_count(count: int, ratio: float) -> int:
    """How many of ``count`` candidates stay: ``int(count * ratio)``, as in the authors' code."""
    return int(count * ratio)


def has_direction(features: Tensor) -> Tensor:
    """Whether (n,) each text's encoded features (n, D) are of unit norm, as zeros, NaN and infinity are not."""
    return (features.norm(dim=-1) - 1).abs() < 1e-3


def check_labels(labels: Sequence[str], features: Tensor) -> Tensor:
    """The labels' ``features`` (K, D), as they are.

    Raises:
        DataError: a label has none.
    """
    if missing := [label for label, has in zip(labels, has_direction(features).tolist(), strict=True) if not has]:
        raise DataError(
            f"The text tower gives {len(missing)} of {len(labels)} class names no features, such as {missing[0]!r} "
            "(zeros, NaN or infinity): use names that it knows, or precision='fp32'."
        )
    return features


def say_left_out(words: Sequence[tuple[str, str]], features: Tensor) -> None:
    """Warn once of the candidates ``words`` whose ``features`` (n, D) are zeros."""
    if missing := [word for (word, _), has in zip(words, has_direction(features).tolist(), strict=True) if not has]:
        logging.getLogger(__name__).warning(
            "%d of %d candidates are left out, such as %r: the text tower gives them no features.",
            len(missing), len(words), missing[0],
        )  # fmt: skip


def with_direction(
    words: list[tuple[str, str]], features: Tensor, similarity: Tensor
) -> tuple[list[tuple[str, str]], Tensor, Tensor]:
    """Those of the negatives, their features (n, D) and similarities (n,) that have features."""
    has = has_direction(features)
    return [words[row] for row in torch.where(has)[0].tolist()], features[has], similarity[has]
