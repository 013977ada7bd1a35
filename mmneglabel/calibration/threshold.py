"""A threshold with a promise: of good images so many pass, by their scores on images that were kept aside."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmneglabel.calibration.intervals import beta_binomial_quantile, beta_cdf, beta_quantile
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.runtime import decide, p_values, ranks

CONFIDENCE = 0.95
"""Of the intervals, and of the guarantee "confident"."""

GUARANTEES = ("average", "confident")
KEPT_AT_MOST = 100_000
"""Calibration scores that are kept; of more, as many of them in equal steps."""


@dataclass(frozen=True)
class Cut:
    """A threshold midway between two neighbouring calibration scores; what is above it passes.

    No image has this score, so rounding flips no decision of a calibration image as long as it stays below half the
    gap.

    Attributes:
        value: the threshold, on the scores' own scale.
        gap: from the score below it to the one above.
        rank: k; the one above is the k-th smallest calibration score.
        share: of good images, the share that is to pass.
    """

    value: float
    gap: float
    rank: int
    share: float

    def interval(self, n: int) -> tuple[float, float]:
        """Where the true share of good images that pass lies, with 95 % confidence over calibration sets of n images.

        A threshold at the k-th smallest score passes a share of Beta(n + 1 - k, k), one at the score below it of
        Beta(n + 2 - k, k - 1). This one lies between them: the lower end is from the first, the upper from the second.
        """
        tail, k = (1 - CONFIDENCE) / 2, self.rank
        return beta_quantile(tail, n + 1 - k, k), beta_quantile(1 - tail, n + 2 - k, k - 1)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What the scores of n good images, used for nothing else before, say of a new one's; higher = more ID.

    Attributes:
        n: how many there were.
        guarantee: "average": over calibration sets, the share passes on average. "confident": with 95 % confidence at
            least that share passes.
        accept: images above this cut are in.
        refuse: images up to this cut are out, those between for review; None where there is no review.
        kept: up to 100,000 of their scores, ascending, float32 rounded down.
    """

    n: int
    guarantee: str
    accept: Cut
    refuse: Cut | None
    kept: NDArray[np.float32]

    def decide(self, scores: ArrayLike) -> list[str]:
        """For each of (N,) scores "in", "review" or "out"."""
        return decide(scores, self.accept.value, self.refuse and self.refuse.value)

    def p_values(self, scores: ArrayLike) -> NDArray[np.float64]:
        """(1 + how many calibration scores are at most as high) / (n + 1) of (N,) scores; at least 1 / (n + 1).

        Of good images at most a share p has a p-value up to p. Counts are rounded up where not all scores were kept.
        """
        return p_values(scores, self.kept, self.n)

    def passing(self, images: int) -> tuple[int, int]:
        """How many of so many further good images pass: an interval that holds in 95 % of cases.

        Wider than the interval of the share, because these images vary too (beta-binomial).
        """
        tail, k = (1 - CONFIDENCE) / 2, self.accept.rank
        return (
            beta_binomial_quantile(tail, images, self.n + 1 - k, k),
            beta_binomial_quantile(1 - tail, images, self.n + 2 - k, k - 1),
        )

    def fewest_flagged(self, images: int, rate: float) -> int:
        """Of so many images at once :func:`flagged` flags at least so many, or none: p-values are not below 1/(n+1)."""
        return ceil(images / (rate * (self.n + 1)))


def calibrate(
    scores: ArrayLike, accept: float = 0.95, guarantee: str = "average", review: float | None = None
) -> Calibration:
    """The threshold that ``accept`` of good images pass, from the scores (n,) of n of them.

    Args:
        scores: of images of the classes that were used for nothing else: not to mine, to fit, to choose a score.
        accept: the share of good images that is to pass, above 0 and below 1.
        guarantee: "average" or "confident", see :class:`Calibration`.
        review: the larger share that is not to be refused outright: what passes this but not ``accept`` is for review.

    Raises:
        ConfigError: a share is out of range, or the guarantee unknown.
        DataError: there are too few images for it, a score is NaN or infinite, or all are equal.
    """
    if guarantee not in GUARANTEES:
        raise ConfigError(f"guarantee is {guarantee!r}: give {' or '.join(map(repr, GUARANTEES))}")
    shares = [accept] if review is None else [accept, review]
    if not 0 < shares[0] < 1 or sorted({*shares}) != shares or not shares[-1] < 1:
        raise ConfigError(
            f"accept={accept}, review={review}: shares of good images are above 0 and below 1, and that which is not "
            "refused outright is above that which is accepted"
        )
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    if not np.isfinite(ordered).all():
        raise DataError(f"{int((~np.isfinite(ordered)).sum())} of {len(ordered)} calibration scores are no numbers")
    cuts = [_cut(ordered, share, guarantee) for share in shares]
    kept = ordered[ranks(len(ordered), min(len(ordered), KEPT_AT_MOST)) - 1]
    return Calibration(len(ordered), guarantee, cuts[0], cuts[1] if cuts[1:] else None, _rounded_down(kept))


def images_wanted(accept: float, guarantee: str = "average") -> int:
    """The fewest calibration images that promise to pass the share ``accept`` at all."""
    if guarantee == "confident":
        return ceil(log(1 - CONFIDENCE) / log(accept))
    return ceil(1 / _rest(accept)) - 1


def flagged(p_values: ArrayLike, rate: float) -> NDArray[np.bool_]:
    """Which of (m,) images to flag so that of the flagged ones at most ``rate`` are good, in expectation.

    Benjamini and Hochberg's procedure, valid for p-values of one calibration set (Bates et al., Ann. Statist. 2023):
    the expectation is over calibration sets too.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    return p_values <= flagged_up_to(*np.unique(p_values, return_counts=True), rate)


def flagged_up_to(p_values: NDArray[np.float64], counts: NDArray[np.int64], rate: float) -> float:
    """Up to which p-value :func:`flagged` flags, 0 for none: of different ones, ascending, so many images each.

    However many images there are, they have at most n + 1 different p-values, n being the calibration images.
    """
    below = np.flatnonzero(p_values <= rate * counts.cumsum() / counts.sum())
    return float(p_values[below[-1]]) if len(below) else 0.0


def _cut(ordered: NDArray[np.float64], share: float, guarantee: str) -> Cut:
    """The highest cut that keeps the promise and lies between different scores."""
    n, least = len(ordered), images_wanted(share, guarantee)
    if n < least:
        promise = f"{share:.6g} of good images" + (" with 95 % confidence" if guarantee == "confident" else "")
        raise DataError(f"{n} calibration images cannot promise to pass {promise}: take {least} or more")
    rank = _rank(n, share, guarantee)
    while rank > 1 and ordered[rank - 2] == ordered[rank - 1]:
        rank -= 1
    above = ordered[rank - 1]
    others = ordered[: rank - 1][-1:] if rank > 1 else ordered[ordered > above][:1]
    if not len(others):
        raise DataError(f"all {n} calibration images have the score {above:.6g}, so no threshold parts any")
    gap = abs(float(above - others[0]))
    return Cut(float(above) - gap * (0.5 if rank > 1 else 1.0), gap, rank, share)


def _rank(n: int, share: float, guarantee: str) -> int:
    """k: the cut lies below the k-th smallest score."""
    rank = int(_rest(share) * (n + 1))
    if guarantee == "average":
        return rank
    low, high = 1, n  # the largest k with P(Beta(n + 1 - k, k) < share) <= 5 %
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if beta_cdf(share, n + 1 - middle, middle) <= 1 - CONFIDENCE else (low, middle - 1)
    return low


def _rest(share: float) -> Fraction:
    """1 - share, as it was written: (1 - 0.9) * 10 of floats is below 1."""
    return 1 - Fraction(str(share))


def _rounded_down(scores: NDArray[np.float64]) -> NDArray[np.float32]:
    """In float32, none above what it was: p-values then err towards good images."""
    rounded = scores.astype(np.float32)
    return np.where(rounded > scores, np.nextafter(rounded, np.float32(-np.inf)), rounded)
