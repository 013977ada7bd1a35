"""The negatives that take the mass of a set's images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmneglabel.errors import DataError
from mmneglabel.results import NO_LABEL, Results

_CLASSES = 3
"""Classes that are named beside a word."""


@dataclass(frozen=True)
class Blame:
    """What a negative takes of a set's images.

    Attributes:
        word: the negative.
        place: its position among the negatives, as two may be alike.
        share: of the softmax, the mean over all images of the set; where it is none of an image's five, 0.
        images: of how many images it is among the five.
        classes: those of which it takes the most, with the mean share of their images.
    """

    word: str
    place: int
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
    of_class = np.bincount(labels[labels != NO_LABEL], minlength=len(found.class_names))
    # What each word takes lies in one piece, so that many words cost no more than few.
    places = np.argsort(words.ravel(), kind="stable")
    taken, of_image = shares.ravel()[places], labels[places // words.shape[1]]
    ends = np.cumsum(np.bincount(words.ravel(), minlength=len(found.negatives)))
    total = np.bincount(words.ravel(), shares.ravel(), minlength=len(found.negatives)) / len(own)
    blames = []
    for word in np.argsort(-total, kind="stable"):
        mine = slice(ends[word - 1] if word else 0, ends[word])
        if mine.start == mine.stop or len(blames) == count:
            continue
        classes = _classes(found.class_names, of_class, of_image[mine], taken[mine])
        blames.append(Blame(found.negatives[word], int(word), float(total[word]), int(mine.stop - mine.start), classes))
    return blames


def _classes(names: Sequence[str], of_class: NDArray, labels: NDArray, taken: NDArray) -> tuple[tuple[str, float], ...]:
    """The classes of which a word takes the most: names, and means over all images of the class."""
    found, where = np.unique(labels, return_inverse=True)
    means = np.bincount(where, taken) / np.maximum(of_class[found], 1)
    ranked = [place for place in np.argsort(-means, kind="stable") if found[place] != NO_LABEL and means[place]]
    return tuple((names[found[place]], float(means[place])) for place in ranked[:_CLASSES])
