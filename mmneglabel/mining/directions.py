"""Texts that the tower gives no features: zeros have cosine 0 to every label, and so would count as far from all."""

import logging
from collections.abc import Sequence

import torch
from torch import Tensor

from mmneglabel.errors import DataError


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
