"""AUROC, AUPR and FPR95 of out-of-distribution detection as pure functions of scores; higher = more in-distribution.

All of them are functions of two integer arrays of shape (D,): how many positives and how many negatives share each of
the D distinct scores, the most positive score first. So scores are sorted once, ties are exact, and swapping the
positive class is reversing the arrays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmneglabel.errors import DataError

METRIC_NAMES = ("auroc", "aupr_in", "aupr_out", "fpr95_id_positive", "fpr95_ood_positive")
"""Keys of :func:`ood_metrics`, in the order in which tables show them."""

_RECALL = 0.95

Counts = NDArray[np.int64]


def ood_metrics(id_scores: ArrayLike, ood_scores: ArrayLike) -> dict[str, float]:
    """Compute every metric of one score on one OOD set.

    Args:
        id_scores: Scores of the in-distribution images, shape (N,), finite, higher = more in-distribution. Scores that
            are in ascending order already are merged rather than sorted.
        ood_scores: Scores of the out-of-distribution images, shape (M,), finite.

    Returns:
        Fractions in [0, 1]: ``auroc``; ``aupr_in``, average precision with ID as the positive class; ``aupr_out``, with
        OOD as the positive class and negated scores; ``fpr95_id_positive``, the share of OOD images accepted as ID
        where the recall of ID images is nearest to 0.95 (:func:`nearest_recall`, the rule of NegLabel and MCM);
        ``fpr95_ood_positive``, the share of ID images rejected as OOD where the recall of OOD images first reaches
        0.95 (:func:`least_recall`, the rule of OpenOOD and pytorch-ood).
    """
    return metrics_of(Ties.of(id_scores, ood_scores))[0]


@dataclass(frozen=True, eq=False)
class Ties:
    """How many ID and how many OOD images have each of the D distinct scores, the highest first.

    Attributes:
        scores: The distinct scores, shape (D,), descending.
        id_counts: ID images at each, shape (D,).
        ood_counts: OOD images at each, shape (D,).
    """

    scores: NDArray[np.float64]
    id_counts: Counts
    ood_counts: Counts

    @classmethod
    def of(cls, id_scores: ArrayLike, ood_scores: ArrayLike) -> "Ties":
        """Count; arguments as in :func:`ood_metrics`."""
        id_scores, ood_scores = _checked(id_scores, "ID"), _checked(ood_scores, "OOD")
        scores = np.concatenate([id_scores, ood_scores])
        # The stable sort finds runs that are in order and merges them: sorted once, a set is never sorted again.
        order = np.argsort(scores, kind="stable")
        scores, is_ood = scores[order], order >= len(id_scores)
        last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True))  # of each run of equal scores
        ood_up_to = np.cumsum(is_ood)[last]
        every, ood = _steps(last + 1), _steps(ood_up_to)
        return cls(scores[last][::-1], (every - ood)[::-1], ood[::-1])


def metrics_of(ties: Ties) -> tuple[dict[str, float], dict[str, float]]:
    """The metrics by name, as :func:`ood_metrics`, and the scores at which the two FPR95 were read.

    An image is accepted as ID where its score is **at least** the threshold of ``fpr95_id_positive``, and rejected as
    OOD where it is **at most** that of ``fpr95_ood_positive``.
    """
    id_counts, ood_counts = ties.id_counts, ties.ood_counts
    id_up_to, ood_up_to = np.cumsum(id_counts), np.cumsum(ood_counts)
    from_below = ood_up_to[-1] - ood_up_to + ood_counts
    accept = int(nearest_recall(id_up_to))
    reject = len(from_below) - 1 - int(least_recall(from_below[::-1]))
    metrics = {
        "auroc": auroc(id_counts, ood_counts),
        "aupr_in": average_precision(id_counts, ood_counts),
        "aupr_out": average_precision(ood_counts[::-1], id_counts[::-1]),
        "fpr95_id_positive": float(ood_up_to[accept] / ood_up_to[-1]),
        "fpr95_ood_positive": float(np.sum(id_counts[reject:]) / id_up_to[-1]),
    }
    thresholds = {
        "fpr95_id_positive": float(ties.scores[accept]),
        "fpr95_ood_positive": float(ties.scores[reject]),
    }
    return metrics, thresholds


def auroc(positives: Counts, negatives: Counts) -> float:
    """Compute the area under the ROC curve: the share of pairs in the right order, a tie counting one half.

    Returns:
        The Mann-Whitney statistic with midranks over the number of pairs, in [0, 1].
    """
    # Twice the number of ordered pairs stays an integer, so nothing is rounded before the division.
    twice_above = 2 * np.cumsum(positives) - positives
    return float(np.sum(negatives * twice_above) / (2 * int(positives.sum()) * int(negatives.sum())))


def average_precision(positives: Counts, negatives: Counts) -> float:
    """Compute average precision, the step-wise area under the precision-recall curve (as scikit-learn does).

    Returns:
        ``sum_k (R_k - R_{k-1}) P_k`` over the distinct thresholds, in (0, 1].
    """
    true_positives = np.cumsum(positives)
    precision = true_positives / (true_positives + np.cumsum(negatives))
    return float(np.sum(positives * precision) / true_positives[-1])


def nearest_recall(up_to: Counts, recall: float = _RECALL) -> NDArray[np.int64]:
    """Find the threshold whose recall is nearest to 0.95, or to another.

    This is the rule of the evaluation code that MCM and NegLabel share (from Hendrycks et al., arXiv 1911.11132).
    Candidates are the distinct scores down to the first that reaches full recall. Where several are equally near, the
    lowest threshold counts, that is the largest false positive rate. "Equally near" is judged on float64 values, as
    there: of the recalls 0.9 and 1.0 the first is nearer, by rounding.

    Args:
        up_to: Positives from the highest of D scores up to each, shape (..., D).
        recall: The one that is wanted.

    Returns:
        Positions of the threshold among the scores, shape (...).
    """
    total = up_to[..., -1]
    above = _first(up_to, _enough(total, recall))
    over, under = at(up_to, above), at(up_to, np.maximum(above - 1, 0))
    under = np.where(under < over, under, 0)
    nearer = np.abs(under / total - recall) < np.abs(over / total - recall)
    value = np.where(nearer, under, over)
    # Of the scores with that recall the last, but where it is full.
    return np.where(value < total, _first(up_to, value + 1) - 1, _first(up_to, total))


def least_recall(up_to: Counts) -> NDArray[np.int64]:
    """Find the first (strictest) threshold whose recall is at least 0.95; as :func:`nearest_recall`.

    OpenOOD v1.5 and pytorch-ood use this rule; torch-uncertainty takes the nearest recall instead. All distinct scores
    are candidates; OpenOOD leaves it to scikit-learn to drop collinear points first, which can differ with tied scores.
    """
    return _first(up_to, _enough(up_to[..., -1], _RECALL))


def _enough(total: Counts, recall: float) -> Counts:
    """The least number of images whose share of ``total`` is ``recall``, judged on float64 values as those rules do."""
    near = np.floor(recall * total).astype(np.int64)
    return near + (near / total < recall)


def _first(up_to: Counts, least: Counts) -> NDArray[np.int64]:
    """The first position of each row (..., D) that reaches so much."""
    return np.count_nonzero(up_to < np.asarray(least)[..., None], axis=-1)


def at(rows: Counts, places: NDArray[np.int64]) -> Counts:
    """The value of each row (..., D) at its place (...)."""
    return np.take_along_axis(rows, np.asarray(places)[..., None], axis=-1)[..., 0]


def _steps(sums: Counts) -> Counts:
    """What was added up to cumulative sums; ``np.diff`` with ``prepend`` takes three times as long."""
    steps = sums.copy()
    steps[1:] -= sums[:-1]
    return steps


def _checked(scores: ArrayLike, side: str) -> NDArray[np.float64]:
    """Return ``scores`` as float64 of shape (N,); ``side`` names them in errors.

    Infinities have a rank, but in a score they mean an overflow, which ties images that should differ.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1:
        raise DataError(f"{side} scores have shape {scores.shape}; pass one score an image, shape (N,)")
    if scores.size == 0:
        raise DataError(f"there are no {side} scores; at least one image is needed on each side")
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size:
        raise DataError(
            f"{bad.size} of {scores.size} {side} scores are not finite (the first is {scores[bad[0]]}); look for NaN "
            "features or an overflow in the model"
        )
    return scores
