"""The negatives that take the mass of a set's images."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmneglabel.errors import DataError
from mmneglabel.results import NO_LABEL, Results

_CLASSES = 3
"""Classes that are named beside a word."""


@dataclass(frozen=True)
class Blame:
    """What a negative takes of a set's images.

    Attributes:
        word: the negative.
        share: of the softmax, the mean over all images of the set; where it is none of an image's five, 0.
        images: of how many images it is among the five.
        classes: those of which it takes the most, with the mean share of their images.
    """

    word: str
    share: float
    images: int
    classes: tuple[tuple[str, float], ...]


def blamed(found: Results, set_name: str | None = None, count: int | None = None) -> list[Blame]:
    """The negatives by what they take of a set's readable images, the ID set's where none is named, the most first.

    Those that are among the five of no image are left out, and so are all behind the first ``count``.

    Raises:
        DataError: the results do not tell.
    """
    if not found.shares_of:
        raise DataError("These results tell no words: test a config with NegLabel, CSP or another score of its kind")
    own = found.of_set(set_name or found.set_names[0])
    words, shares = found.shares["negatives"][own], found.shares["negative_shares"][own].astype(np.float64)
    known = not set_name and not (found.gt_label[own] == NO_LABEL).any()
    labels = (found.gt_label if known else found.pred_label)[own]
    total = np.bincount(words.ravel(), shares.ravel(), minlength=len(found.negatives)) / len(own)
    images = np.bincount(words.ravel(), minlength=len(found.negatives))
    order = [word for word in np.argsort(-total, kind="stable") if images[word]][:count]
    return [
        Blame(
            found.negatives[word], float(total[word]), int(images[word]), _classes(found, word, words, shares, labels)
        )
        for word in order
    ]


def _classes(found: Results, word: int, words: Any, shares: Any, labels: Any) -> tuple[tuple[str, float], ...]:
    """The classes of which a word takes the most."""
    taken = np.where(words == word, shares, 0).sum(axis=1)
    known = labels != NO_LABEL
    images = np.bincount(labels[known], minlength=len(found.class_names))
    means = np.bincount(labels[known], taken[known], minlength=len(found.class_names)) / np.maximum(images, 1)
    most = [label for label in np.argsort(-means, kind="stable")[:_CLASSES] if means[label]]
    return tuple((found.class_names[label], float(means[label])) for label in most)
