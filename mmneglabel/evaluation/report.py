"""The numbers of one evaluation: every score on every OOD set, group means and the overall mean."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmneglabel.errors import DataError
from mmneglabel.evaluation.metrics import METRIC_NAMES, Ties, metrics_of
from mmneglabel.results import NO_LABEL, Results

MEAN = "mean"
"""The name under which the mean over all OOD sets stands; no set or group may bear it."""

RUN = "_run"
"""The key in ``metrics.json`` that is no score: facts of the run; no score may bear it."""

_ENOUGH_LABELS = 20

Metrics = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True, eq=False)
class OODReport:
    """Everything that is computed from the results of one evaluation.

    Args:
        images: What was found of every image; its own ``thresholds`` are not read.
    """

    images: Results

    @property
    def id_set(self) -> str:
        """Name of the in-distribution set."""
        return self.images.set_names[0]

    @property
    def ood_sets(self) -> tuple[str, ...]:
        """Names of the OOD sets."""
        return self.images.set_names[1:]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Set name to its number of evaluated ``images`` and of ``skipped`` (unreadable) ones."""
        total = np.bincount(self.images.set_index, minlength=len(self.images.set_names))
        kept = {name: len(self._of_set[name]) for name in self.images.set_names}
        return {name: {"images": kept[name], "skipped": int(total[i]) - kept[name]} for i, name in enumerate(kept)}

    @cached_property
    def id_accuracy(self) -> float | None:
        """Share of the labelled, readable ID images whose class is predicted right; None if none is labelled."""
        predicted, true = self._named
        return float(np.mean(predicted == true)) if len(true) else None

    @property
    def label_doubt(self) -> str | None:
        """What makes one doubt the labels of the ID images; None where nothing does."""
        predicted, true = self._named
        if len(true) < _ENOUGH_LABELS:
            return None
        accuracy, classes = np.mean(predicted == true), max(predicted.max(), true.max()) + 1
        for step, where in ((-1, "lower"), (1, "higher")):
            if (shifted := np.mean(predicted == true + step)) > max(0.5, accuracy):
                return (
                    f"the ID accuracy is {accuracy:.1%}, and {shifted:.1%} with every label one {where}: labels count "
                    "from 0, in the order of the class names"
                )
        # Half of what guessing gives, where guessing would be right often enough for that to be no chance.
        if accuracy < 0.5 / classes and len(true) >= _ENOUGH_LABELS * classes:
            return (
                f"the ID accuracy of {accuracy:.1%} is below chance (1 in {classes}): are the class names in the order "
                "of the labels?"
            )
        return None

    @property
    def metrics(self) -> Metrics:
        """Score name → OOD set, group or ``mean`` → metric name → fraction.

        A group's value is the mean over its sets, ``mean`` the mean over all OOD sets. Each score's ``mean`` also
        holds ``id_accuracy`` if the ID set is labelled. Of a score that was played as several streams, with other
        seeds, every value is the mean over these, and ``<metric>_sd`` their sample standard deviation.
        """
        return self._measured[0]

    @property
    def thresholds(self) -> Metrics:
        """Score name → OOD set → ``fpr95_id_positive`` and ``fpr95_ood_positive`` → the score at which it was read.

        Accepted as ID are images with that score **or more**, rejected as OOD those with that score **or less**. Of
        streams there are none, since their scores mean nothing outside them.
        They are not among :attr:`metrics`, as they vary in their last digits with the number of processes.
        """
        return self._measured[1]

    @property
    def mixtures(self) -> dict[str, dict[str, Any]]:
        """Score that was played as streams → how: order, batches, seeds, and ID and OOD images in that of each set."""
        counts = {name: block["images"] for name, block in self.counts.items()}
        mixture = {name: [counts[self.id_set], counts[name]] for name in self.ood_sets}
        return {
            score: {
                "order": played.order,
                "batch_size": played.batch_size,
                "seeds": list(played.seeds),
                "mixture": mixture,
                "memory": "emptied between OOD sets",
            }
            for score, played in self.images.streams.items()
        }

    def results(self) -> Results:
        """Return the results with the thresholds in them."""
        return replace(self.images, thresholds=self.thresholds)

    def means(self) -> dict[str, float]:
        """Return the means alone, flat: ``<score>/<metric>``, ``<score>/<group>/<metric>`` and ``id_accuracy``."""
        flat = {}
        for score, blocks in self.metrics.items():
            for block in (*self.images.groups, MEAN):
                path = score if block == MEAN else f"{score}/{block}"
                flat |= {f"{path}/{metric}": blocks[block][metric] for metric in METRIC_NAMES}
        return flat if self.id_accuracy is None else flat | {"id_accuracy": self.id_accuracy}

    @cached_property
    def _of_set(self) -> dict[str, NDArray[np.int64]]:
        return {name: self.images.of_set(name) for name in self.images.set_names}

    @cached_property
    def _named(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Predicted and true class of the readable ID images that have both."""
        mine = self._of_set[self.id_set]
        predicted, true = self.images.pred_label[mine], self.images.gt_label[mine]
        both = (predicted != NO_LABEL) & (true != NO_LABEL)
        return predicted[both], true[both]

    @cached_property
    def _measured(self) -> tuple[Metrics, Metrics]:
        """Metrics and thresholds."""
        metrics, thresholds = {}, {}
        for column, score in enumerate(self.images.score_names):
            by_set, thresholds[score] = self._of_score(score, np.ascontiguousarray(self.images.scores[:, column]))
            metrics[score] = self._with_means(by_set)
        for score, played in self.images.streams.items():
            metrics[score] = _over_seeds(
                [self._with_means(self._of_stream(score, row)) for row in range(len(played.seeds))]
            )
        for blocks in metrics.values() if self.id_accuracy is not None else ():
            blocks[MEAN]["id_accuracy"] = self.id_accuracy
        return metrics, thresholds

    def _with_means(self, by_set: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        """Groups and the mean below the sets."""
        groups = {**self.images.groups, MEAN: self.ood_sets}
        return by_set | {group: _mean(by_set, members) for group, members in groups.items()}

    def _of_score(self, score: str, column: NDArray[np.float64]) -> tuple[dict, dict]:
        """Metrics and thresholds of one score by OOD set; every image's score is sorted once."""
        id_scores, metrics, thresholds = self._sorted(self.id_set, column), {}, {}
        for name in self.ood_sets:
            metrics[name], thresholds[name] = self._compared(score, name, id_scores, self._sorted(name, column))
        return metrics, thresholds

    def _of_stream(self, score: str, row: int) -> dict[str, dict[str, float]]:
        """Metrics of the streams with one seed by OOD set, each with ID scores of its own."""
        pairs = {name: self.images.stream(score, name) for name in self.ood_sets}
        return {name: self._compared(score, name, known[row], ood[row])[0] for name, (known, ood) in pairs.items()}

    def _compared(
        self, score: str, name: str, id_scores: NDArray[np.float64], ood_scores: NDArray[np.float64]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Metrics and thresholds of one score on one OOD set."""
        try:
            return metrics_of(Ties.of(id_scores, ood_scores))
        except DataError as err:
            raise DataError(f"score {score!r} on ID set {self.id_set!r} and OOD set {name!r}: {err}") from err

    def _sorted(self, name: str, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scores of the readable images of one set, ascending."""
        if not len(self._of_set[name]):
            skipped = self.counts[name]["skipped"]
            why = f"none of its {skipped} images could be read" if skipped else "no image of it was evaluated"
            kind = "ID" if name == self.id_set else "OOD"
            raise DataError(f"{kind} set {name!r}: {why}; mend the files or take the set out of the config")
        return np.sort(column[self._of_set[name]])


def _mean(by_set: dict[str, dict[str, float]], members: tuple[str, ...]) -> dict[str, float]:
    return {metric: float(np.mean([by_set[name][metric] for name in members])) for metric in METRIC_NAMES}


def _over_seeds(of_seeds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Mean and sample standard deviation of every value; of one seed its values alone."""
    first, *others = of_seeds
    if not others:
        return first
    values = {block: {metric: [one[block][metric] for one in of_seeds] for metric in METRIC_NAMES} for block in first}
    return {
        block: {metric: float(np.mean(found)) for metric, found in metrics.items()}
        | {f"{metric}_sd": float(np.std(found, ddof=1)) for metric, found in metrics.items()}
        for block, metrics in values.items()
    }
