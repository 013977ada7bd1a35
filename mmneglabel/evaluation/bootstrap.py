"""How far metrics would move with other images of the same kinds: the bootstrap, paired across scores."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmneglabel.errors import DataError
from mmneglabel.evaluation.metrics import METRIC_NAMES, at, least_recall, nearest_recall
from mmneglabel.evaluation.report import MEAN
from mmneglabel.results import Results

RESAMPLED = tuple(name for name in METRIC_NAMES if not name.startswith("aupr"))
"""The metrics that have intervals."""

_TAILS = (2.5, 97.5)
_MOST_THREADS = 4
_BLOCK = 50_000
"""Images that are drawn at once: some arrays of so many numbers fit a CPU's cache."""


@dataclass(frozen=True, eq=False)
class Resampled:
    """The metrics of R resamples of a test's images; every score, and every OOD set, sees the same ones.

    Args:
        values: Score -> OOD set, group or ``mean`` -> shape (R, 3), fractions by :data:`RESAMPLED`.
    """

    values: Mapping[str, Mapping[str, NDArray[np.float64]]]

    def interval(self, score: str, block: str, metric: str) -> tuple[float, float]:
        """Between these lies the metric of 95 % of the resamples (percentile bootstrap)."""
        return _middle(self.draws(score, block, metric))

    def difference(
        self, score: str, other: str, block: str, metric: str, run: "Resampled | None" = None
    ) -> tuple[float, float]:
        """The same of what ``score`` has more than ``other`` on the very same images.

        The other one may be of another ``run`` that read the same images, and was resampled with the same seed: draws
        follow from how many images the sets have.
        """
        return _middle(self.draws(score, block, metric) - (run or self).draws(other, block, metric))

    def draws(self, score: str, block: str, metric: str) -> NDArray[np.float64]:
        """A metric of every resample, shape (R,)."""
        return self.values[score][block][:, RESAMPLED.index(metric)]


def resample(images: Results, resamples: int = 2000, seed: int = 0) -> Resampled:
    """Draw the readable images of each set anew, with replacement, as many as there are, and measure every score.

    The intervals say what other images would do to the numbers, not other words, weights or seeds. Scores that learn
    while testing have none: another draw would have been another stream.

    Args:
        images: What was found of every image.
        resamples: R, how often.
        seed: Of the draws.

    Raises:
        DataError: a set has no readable image.
    """
    sets = [images.of_set(name) for name in images.set_names]
    if empty := [name for name, places in zip(images.set_names, sets, strict=True) if not len(places)]:
        raise DataError(f"set {empty[0]!r} has no readable image to draw")
    ranked = []
    for column in np.ascontiguousarray(images.scores.T):
        known = column[sets[0]]
        ranked.append((_Ranked(known), [_Against(known, column[places]) for places in sets[1:]]))
    sizes = [len(places) for places in sets]
    block = max(1, _BLOCK // max(sizes))
    values = np.empty((len(ranked), len(sizes) - 1, resamples, len(RESAMPLED)))

    def draw(start: int) -> None:
        random, rows = np.random.default_rng([seed, start]), min(block, resamples - start)
        known, *others = [_drawn(random, rows, size) for size in sizes]
        for score, (of_id, of_sets) in enumerate(ranked):
            passed = of_id.up_to(known)
            for place, (of_set, ood) in enumerate(zip(of_sets, others, strict=True)):
                values[score, place, start : start + rows] = of_set.measured(*passed, ood)

    # NumPy computes outside Python's lock, and each block of resamples has random numbers of its own.
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        list(threads.map(draw, range(0, resamples, block)))
    names = images.set_names[1:]
    groups, found = {**images.groups, MEAN: names}, {}
    for score, of_sets in zip(images.score_names, values, strict=True):
        by_set = dict(zip(names, of_sets, strict=True))
        found[score] = by_set | {group: np.mean([by_set[name] for name in of], axis=0) for group, of in groups.items()}
    return Resampled(found)


def _drawn(random: np.random.Generator, rows: int, size: int) -> NDArray[np.int64]:
    """How often each of so many images is drawn, (rows, size)."""
    drawn = random.integers(0, size, (rows, size)) + size * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)


class _Ranked:
    """The scores of n ID images, the highest first."""

    def __init__(self, scores: NDArray[np.float64]) -> None:
        self._order = np.argsort(-scores, kind="stable")
        self._ends = np.flatnonzero(np.append(np.diff(scores[self._order]) != 0, True)) + 1  # of runs of equal scores

    def up_to(self, drawn: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of B draws (B, n), how many images stand among the first 0, 1 .. n, (B, n + 1), and how many are accepted."""
        sums = np.zeros((len(drawn), drawn.shape[1] + 1), np.int64)
        np.cumsum(np.take(drawn, self._order, axis=1), axis=1, out=sums[:, 1:])
        at_ends = sums[:, 1:] if len(self._ends) == drawn.shape[1] else sums[:, self._ends]
        return sums, at(at_ends, nearest_recall(at_ends))[:, None]


class _Against:
    """The scores of m OOD images, the lowest first, and how many of the n ID images stand above each."""

    def __init__(self, known: NDArray[np.float64], ood: NDArray[np.float64]) -> None:
        self._order = np.argsort(ood, kind="stable")
        scores, known = ood[self._order], np.sort(known)
        self._above = len(known) - np.searchsorted(known, scores, side="right")
        self._or_equal = len(known) - np.searchsorted(known, scores, side="left")
        self._tied = bool((self._above != self._or_equal).any())

    def measured(
        self, sums: NDArray[np.int64], accepted: NDArray[np.int64], drawn: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The metrics (B, 3) of B draws (B, m); ``sums`` and ``accepted`` as :meth:`_Ranked.up_to` gives them."""
        drawn, total = np.take(drawn, self._order, axis=1), sums[:, -1]
        ood = np.cumsum(drawn, axis=1)
        or_equal = np.take(sums, self._or_equal, axis=1)
        above = np.take(sums, self._above, axis=1) if self._tied else or_equal
        pairs = np.einsum("bm,bm->b", drawn, above + or_equal if self._tied else 2 * above)
        # FPR95 accepts OOD images down to, but not with, the next lower ID image that was drawn: those which no more ID
        # images stand above, or beside, than are accepted. Where these are all, it ends at the last of them: an OOD
        # image below that one has every ID image above itself.
        below = or_equal > accepted
        if (full := accepted == total[:, None]).any():
            below = np.where(full, above >= accepted, below)
        refused = np.count_nonzero(below, axis=1)
        before = np.where(refused > 0, at(ood, np.maximum(refused - 1, 0)), 0)
        rejected = total - at(above, least_recall(ood))
        return np.stack([pairs / (2 * total * ood[:, -1]), 1 - before / ood[:, -1], rejected / total], axis=1)


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, _TAILS)
    return float(low), float(high)
