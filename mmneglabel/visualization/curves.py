"""The numbers behind the pictures: histograms, ROC and precision-recall curves of one score on one OOD set."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmneglabel.methods import usual
from mmneglabel.results import Results

_BINS = 40
_TAIL = 0.5  # percent of each set that may lie beyond either end of a histogram
_STEPS = 200  # of a curve, along either axis


def main_score(images: Results) -> str:
    """The score that a page speaks of first: the one whose words are told, or the table's usual one.

    Where there are none but streams, the usual of those.
    """
    return images.shares_of or usual(images.score_names or images.streams)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Shares of several sets' images by their values on one scale.

    Attributes:
        edges: of B bins, shape (B + 1,), ascending; the first and the last bin hold all beyond them.
        shares: set -> the share of its images in each bin, shape (B,).
        is_share: whether values are log-odds.
    """

    edges: NDArray[np.float64]
    shares: dict[str, NDArray[np.float64]]
    is_share: bool


def histogram(images: Results, score: str, sets: Sequence[str] | None = None) -> Histogram:
    """The values of a score in these sets, or in all; the same edges whichever sets are asked for."""
    every = {name: images.values(score, name) for name in images.set_names}
    ends = [np.percentile(values, (_TAIL, 100 - _TAIL)) for values in every.values()]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    # Values that are all alike, but for rounding, stand in the middle of an axis.
    rest = 0.0 if high - low > 1e-9 * max(abs(low), abs(high)) else max(1.0, 1e-3 * abs(low))
    edges = np.linspace(low - rest, high + rest, _BINS + 1)
    shares = {}
    for name in sets or images.set_names:
        counts, _ = np.histogram(np.clip(every[name], edges[0], edges[-1]), edges)
        shares[name] = counts / len(every[name])
    return Histogram(edges, shares, images.is_share(score))


@dataclass(frozen=True, eq=False)
class Curve:
    """Points (P,) of a curve in the unit square, in the order in which thresholds fall."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


def roc(known: NDArray[np.float64], *ood: NDArray[np.float64]) -> Curve:
    """The share of ID images accepted (y) over the share of OOD images accepted (x), from (0, 0) to (1, 1).

    Of several OOD sets x is the mean over them at each threshold, so that the area is the mean AUROC.
    """
    accepted, *passed = _passing(known, *ood)
    return _thinned(np.mean(passed, axis=0), accepted)


def precision_recall(known: NDArray[np.float64], ood: NDArray[np.float64]) -> Curve:
    """Of the accepted images the share that is ID (y) over the share of ID images accepted (x).

    AUPR-in is the step-wise area under it; it depends on how many images of either kind there are.
    """
    accepted, passed = _passing(known, ood)
    right, wrong = accepted[1:] * len(known), passed[1:] * len(ood)
    return _thinned(accepted[1:], right / (right + wrong))


def _passing(*sides: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The share of each side's images at least as high as each distinct score, the highest first, behind a 0."""
    thresholds = np.unique(np.concatenate(sides))[::-1]
    below = [np.searchsorted(np.sort(side), thresholds) / len(side) for side in sides]
    return [np.concatenate([[0], 1 - share]) for share in below]


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Curve:
    """Some hundred of the points, none left out where the curve turns more than a line's width."""
    cells = np.round(_STEPS * x).astype(int), np.round(_STEPS * y).astype(int)
    turns = np.any([np.diff(cell, prepend=-1) != 0 for cell in cells], axis=0)
    kept = turns | np.roll(turns, -1)  # the last before a turn, too: its step stays a step
    kept[-1] = True
    return Curve(x[kept], y[kept])
