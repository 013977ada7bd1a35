"""What a threshold does to labelled images: by class, with unknown ones, and over all thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmneglabel.calibration.intervals import binomial_cdf, clopper_pearson

_LEVEL = 0.05
"""Of the test whether a class passes less than promised."""


@dataclass(frozen=True)
class ClassAcceptance:
    """How many of the good images that were taken for a class pass.

    Attributes:
        label: the class that was predicted.
        images: how many were taken for it.
        passed: how many of these pass.
        interval: of the true share, exact (Clopper and Pearson), 95 %.
        low: whether fewer pass than promised, by more than chance over all classes (Holm, 5 %).
    """

    label: int
    images: int
    passed: int
    interval: tuple[float, float]
    low: bool


def by_class(labels: ArrayLike, passes: ArrayLike, promised: float) -> list[ClassAcceptance]:
    """Each class's acceptance, from the predicted classes (n,) of good images and whether they pass (n,)."""
    labels, passes = np.asarray(labels), np.asarray(passes, dtype=bool)
    classes, images = np.unique(labels, return_counts=True)
    passed = [int(passes[labels == label].sum()) for label in classes]
    chances = {i: binomial_cdf(k, n, promised) for i, (k, n) in enumerate(zip(passed, images.tolist(), strict=True))}
    low: set[int] = set()
    for tried, i in enumerate(sorted(chances, key=chances.get)):  # Holm: the first that may be chance ends it
        if chances[i] * (len(chances) - tried) > _LEVEL:
            break
        low.add(i)
    return [
        ClassAcceptance(int(label), int(n), k, clopper_pearson(k, int(n)), i in low)
        for i, (label, n, k) in enumerate(zip(classes, images, passed, strict=True))
    ]


def kept_and_refused(right: ArrayLike, passes: ArrayLike, ood_passes: ArrayLike) -> Mapping[str, float]:
    """What an open-set classifier is asked first, as fractions.

    Args:
        right: (n,) whether each ID image is labelled right.
        passes: (n,) whether it passes the threshold.
        ood_passes: (m,) whether each OOD image does.

    Returns:
        ``known``, the share of ID images that pass and are labelled right; ``unknown``, the share of OOD images that
        do not pass; ``harmonic_mean`` of both.
    """
    known = float(np.mean(np.asarray(right, dtype=bool) & np.asarray(passes, dtype=bool)))
    unknown = float(np.mean(~np.asarray(ood_passes, dtype=bool)))
    both = 2 * known * unknown / (known + unknown) if known + unknown else 0.0
    return {"known": known, "unknown": unknown, "harmonic_mean": both}


def oscr(scores: ArrayLike, right: ArrayLike, ood_scores: ArrayLike) -> float:
    """Area under correct classification rate over false positive rate (Dhamija et al., NeurIPS 2018), in [0, 1].

    Over all thresholds, the share of ID images, with ``scores`` (n,), that pass and are labelled ``right`` (n,),
    against the share of OOD images, with ``ood_scores`` (m,), that pass. So it is AUROC where all are right.
    """
    ordered = np.sort(np.asarray(ood_scores, dtype=np.float64))
    scores = np.asarray(scores, dtype=np.float64)
    below, up_to = (np.searchsorted(ordered, scores, side=side) for side in ("left", "right"))
    return float(((below + up_to) / 2 * np.asarray(right, dtype=bool)).sum() / (len(scores) * len(ordered)))


def risk_coverage(scores: ArrayLike, wrong: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of images that pass (coverage) and the share of these that are ``wrong`` (risk), by threshold.

    Both are (D,), over the D distinct of the ``scores`` (n,), the highest first. OOD images that pass are wrong.
    """
    scores = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of each run of equal scores
    errors = np.cumsum(np.asarray(wrong, dtype=bool)[order])[last]
    return (last + 1) / len(scores), errors / (last + 1)


def aurc(scores: ArrayLike, wrong: ArrayLike) -> float:
    """Area under the risk-coverage curve (Geifman and El-Yaniv, 2017), the mean risk over images; lower is better."""
    coverage, risk = risk_coverage(scores, wrong)
    return float((risk * np.diff(coverage, prepend=0)).sum())
