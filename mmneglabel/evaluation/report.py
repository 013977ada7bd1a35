"""The numbers of one evaluation: every score on every OOD set, group means and the overall mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmneglabel.errors import DataError
from mmneglabel.evaluation.metrics import METRIC_NAMES, ood_metrics

MEAN = "mean"
"""The name under which the mean over all OOD sets stands; no set or group may bear it."""

RUN = "_run"
"""The key in ``metrics.json`` that is no score: facts of the run; no score may bear it."""

NO_LABEL = -1
"""Stands for a missing label."""

_ENOUGH_LABELS = 20

Metrics = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class OODReport:
    """Per-sample results of one evaluation, and everything that is computed from them.

    Args:
        score_names: The S configured scores, in the order of the table.
        set_names: The ID set first, then the OOD sets in the order of the table.
        set_index: For each of N samples the position of its set in ``set_names``, shape (N,).
        scores: Scores of each sample, shape (N, S), higher = more in-distribution; ignored where ``unreadable``.
        pred_label: Predicted class of each sample, shape (N,); :data:`NO_LABEL` where there is none.
        gt_label: True class of each sample, shape (N,); :data:`NO_LABEL` where unknown, as for every OOD image.
        unreadable: For each sample None, or the message that names the image which could not be read.
        groups: Group name to the OOD sets in it, such as ``{"near": (...), "far": (...)}``.
    """

    score_names: tuple[str, ...]
    set_names: tuple[str, ...]
    set_index: NDArray[np.int64]
    scores: NDArray[np.float64]
    pred_label: NDArray[np.int64]
    gt_label: NDArray[np.int64]
    unreadable: tuple[str | None, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def id_set(self) -> str:
        """Name of the in-distribution set."""
        return self.set_names[0]

    @property
    def ood_sets(self) -> tuple[str, ...]:
        """Names of the OOD sets."""
        return self.set_names[1:]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Set name to its number of evaluated ``images`` and of ``skipped`` (unreadable) ones."""
        total = np.bincount(self.set_index, minlength=len(self.set_names))
        kept = np.bincount(self.set_index[self._readable], minlength=len(self.set_names))
        return {
            name: {"images": int(kept[i]), "skipped": int(total[i] - kept[i])} for i, name in enumerate(self.set_names)
        }

    @cached_property
    def id_accuracy(self) -> float | None:
        """Share of the labelled, readable ID images whose class is predicted right; None if none is labelled."""
        return float(np.mean(self.pred_label[self._named] == self.gt_label[self._named])) if self._named.any() else None

    @property
    def label_doubt(self) -> str | None:
        """What makes one doubt the labels of the ID images; None where nothing does."""
        return label_doubt(self.pred_label[self._named], self.gt_label[self._named])

    @cached_property
    def metrics(self) -> Metrics:
        """Score name → OOD set, group or ``mean`` → metric name → fraction.

        A group's value is the mean over its sets, ``mean`` the mean over all OOD sets. Each score's ``mean`` also
        holds ``id_accuracy`` if the ID set is labelled.

        Raises:
            DataError: A set has no readable image, or a score is not finite (named with the set).
        """
        return {name: self._metrics_of(column, name) for column, name in enumerate(self.score_names)}

    def to_json(self) -> Metrics:
        """Return :attr:`metrics`, ready for ``json.dump``."""
        return self.metrics

    def means(self) -> dict[str, float]:
        """Return the means alone, flat: ``<score>/<metric>``, ``<score>/<group>/<metric>`` and ``id_accuracy``."""
        flat = {}
        for score, blocks in self.metrics.items():
            for block in (*self.groups, MEAN):
                path = score if block == MEAN else f"{score}/{block}"
                flat |= {f"{path}/{metric}": blocks[block][metric] for metric in METRIC_NAMES}
        return flat if self.id_accuracy is None else flat | {"id_accuracy": self.id_accuracy}

    def arrays(self) -> dict[str, NDArray]:
        """Return the per-sample results in dataset order, ready for ``numpy.savez``.

        Returns:
            ``set`` (N,) names of sets, ``skipped`` (N,) bool, ``pred_label`` and ``gt_label`` (N,), and one
            ``score/<name>`` (N,) float64 a score, NaN where skipped.
        """
        per_score = np.where(self._readable[:, None], self.scores, np.nan)
        return {
            "set": np.array(self.set_names)[self.set_index],
            "skipped": ~self._readable,
            "pred_label": self.pred_label,
            "gt_label": self.gt_label,
            **{f"score/{name}": per_score[:, column] for column, name in enumerate(self.score_names)},
        }

    @cached_property
    def _readable(self) -> NDArray[np.bool_]:
        return np.array([message is None for message in self.unreadable], dtype=bool)

    @cached_property
    def _named(self) -> NDArray[np.bool_]:
        """The readable ID images with a true and a predicted class."""
        return (self.set_index == 0) & self._readable & (self.gt_label != NO_LABEL) & (self.pred_label != NO_LABEL)

    def _metrics_of(self, column: int, score_name: str) -> dict[str, dict[str, float]]:
        id_scores = self._scores_of(0, column)
        by_set = {}
        for i, name in enumerate(self.ood_sets, 1):
            try:
                by_set[name] = ood_metrics(id_scores, self._scores_of(i, column))
            except DataError as err:
                raise DataError(f"score {score_name!r} on ID set {self.id_set!r} and OOD set {name!r}: {err}") from err
        blocks = by_set | {group: _mean(by_set, members) for group, members in self.groups.items()}
        blocks[MEAN] = _mean(by_set, self.ood_sets)
        if self.id_accuracy is not None:
            blocks[MEAN]["id_accuracy"] = self.id_accuracy
        return blocks

    def _scores_of(self, position: int, column: int) -> NDArray[np.float64]:
        """Return one score of the readable images of one set."""
        mine = self.set_index == position
        chosen = mine & self._readable
        if not chosen.any():
            kind, name = ("OOD" if position else "ID"), self.set_names[position]
            why = f"none of its {mine.sum()} images could be read" if mine.any() else "no image of it was evaluated"
            raise DataError(f"{kind} set {name!r}: {why}; mend the files or take the set out of the config")
        return self.scores[chosen, column]


def label_doubt(predicted: NDArray[np.int64], true: NDArray[np.int64]) -> str | None:
    """What makes one doubt predicted and true labels, shapes (N,); None where nothing does."""
    if len(true) < _ENOUGH_LABELS:
        return None
    accuracy, classes = np.mean(predicted == true), max(predicted.max(), true.max()) + 1
    for step, where in ((-1, "lower"), (1, "higher")):
        if (shifted := np.mean(predicted == true + step)) > max(0.5, accuracy):
            return (
                f"the ID accuracy is {accuracy:.1%}, and {shifted:.1%} with every label one {where}: labels count from "
                "0, in the order of the class names"
            )
    # Half of what guessing gives, where guessing would be right often enough for that to be no chance.
    if accuracy < 0.5 / classes and len(true) >= _ENOUGH_LABELS * classes:
        return (
            f"the ID accuracy of {accuracy:.1%} is below chance (1 in {classes}): are the class names in the order of "
            "the labels?"
        )
    return None


def _mean(by_set: dict[str, dict[str, float]], members: tuple[str, ...]) -> dict[str, float]:
    return {metric: float(np.mean([by_set[name][metric] for name in members])) for metric in METRIC_NAMES}
