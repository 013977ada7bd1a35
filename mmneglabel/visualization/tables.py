"""Tables for a paper: which numbers of which runs, and what is said of them; `formats.py` writes them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.evaluation.metrics import METRIC_NAMES
from mmneglabel.evaluation.report import MEAN
from mmneglabel.evaluation.runs import Number, Runs, other_images, pooled
from mmneglabel.evaluation.table import COLUMNS

USUAL = ("auroc", "fpr95_id_positive")
"""The metrics that a table shows where none are asked for."""

Method = tuple[str, Runs]
"""A score, and the runs that have it."""

Marks = tuple[str, str]

_POSITIVE = {
    "aupr_in": "AUPR-in: ID is the positive class.",
    "aupr_out": "AUPR-out: OOD is the positive class.",
    "fpr95_id_positive": "FPR95-ID: ID is the positive class (OOD images accepted at the ID recall nearest to 95 %).",
    "fpr95_ood_positive": "FPR95-OOD: OOD is the positive class (ID images rejected at the first OOD recall of 95 %).",
}


@dataclass(frozen=True, eq=False)
class Cells:
    """What a table is of; see :func:`select`.

    Attributes:
        runs: side by side.
        methods: score and run of each row.
        sets: OOD sets, groups or ``mean``.
        metrics: names of :data:`METRIC_NAMES`.
    """

    runs: Sequence[Runs]
    methods: Sequence[Method]
    sets: Sequence[str]
    metrics: Sequence[str]

    def number(self, method: Method, block: str, metric: str) -> Number | None:
        """One number; None where the run lacks the set."""
        score, run = method
        return pooled(run.parts(score, block, metric)) if block in run.first.metrics[score] else None

    def best(self, block: str, metric: str) -> str:
        """The best of the rows that are no streams, as printed; empty where all are equal."""
        found = [self.number(method, block, metric) for method in self.methods if not is_stream(method)]
        printed = {percent(number.mean) for number in found if number}
        better = max if COLUMNS[metric][1] == "up" else min
        return better(printed, key=float) if len(printed) > 1 else ""


def select(
    runs: Sequence[Runs], scores: Sequence[str] = (), sets: Sequence[str] = (), metrics: Sequence[str] = USUAL
) -> Cells:
    """What a table is to show: these scores, or all; these sets, groups or ``mean``, or all OOD sets and their mean.

    Scores come in the order in which runs have them, streams last, and runs that have the same one side by side.

    Raises:
        ConfigError: no run has such a score or set, or there is no such metric; the nearest are named.
    """
    every = [(score, run) for run in runs for score in run.scores]
    known = dict.fromkeys(score for score, _ in sorted(every, key=is_stream))
    ood = dict.fromkeys(name for run in runs for name in run.first.ood_sets)
    groups = dict.fromkeys(name for run in runs for name in run.first.images.groups)
    _check("score", scores, known)
    _check("set", sets, (*ood, *groups, MEAN))
    _check("metric", metrics, METRIC_NAMES)
    return Cells(
        runs,
        [(score, run) for score in dict.fromkeys(scores or known) for run in runs if score in run.scores],
        [*dict.fromkeys(sets or (ood if len(ood) == 1 else [*ood, MEAN]))],
        [*dict.fromkeys(metrics)],
    )


def _check(kind: str, asked: Iterable[str], known: Iterable[str]) -> None:
    if unknown := [name for name in asked if name not in known]:
        raise ConfigError(f"No {kind} {unknown[0]!r} in these results; {did_you_mean(unknown[0], known)}")


def is_stream(method: Method) -> bool:
    """Whether a score learns from the test images, so that no other row is to be compared with it."""
    score, run = method
    return score in run.first.images.streams


def tidy(cells: Cells) -> list[dict[str, Any]]:
    """A line a method and set, of fractions; None where there is no deviation, or no label.

    Means and deviations are over all ``runs``, or all ``streams`` of all runs, which are 0 where the score has none.
    """
    lines = []
    for score, run in cells.methods:
        for block in cells.sets:
            found = {metric: cells.number((score, run), block, metric) for metric in cells.metrics}
            if None in found.values():
                continue
            count = next(iter(found.values())).count if is_stream((score, run)) else 0
            line = {"run": run.name, "score": score, "set": block, "runs": len(run.reports), "streams": count}
            for name, number in {**found, "id_accuracy": run.accuracy}.items():
                line |= {name: number and number.mean, f"{name}_sd": number and number.sd}
            lines.append(line)
    return lines


@dataclass(frozen=True)
class Grid:
    """A table of text: ``stubs`` head the columns that name rows, ``titles`` groups of one column a metric."""

    stubs: Sequence[str]
    titles: Sequence[str]
    metrics: Sequence[str]
    rows: Sequence[Sequence[str]]


def grid(cells: Cells, transposed: bool, marks: Marks, escape: Callable[[str], str] = str) -> Grid:
    """The cells as text.

    Args:
        cells: which.
        transposed: a row a set, not a row a method.
        marks: how a mean is written, and how the best of a set and metric, such as ``("{}", "**{}**")``.
        escape: makes a text one that the format shows as it is.
    """
    several = len(cells.runs) > 1
    methods = [(score, run.name)[: 1 + several] for score, run in cells.methods]
    sets = [(name,) for name in cells.sets]
    numbers = [[list(_printed(cells, of, block, marks, escape)) for block in cells.sets] for of in cells.methods]
    if transposed:
        numbers, methods, sets = zip(*numbers, strict=True), sets, methods
    return Grid(
        ["set"] if transposed else ["method", "run"][: 1 + several],
        [escape(", ".join(title)) for title in sets],
        [escape(f"{title} {'↑' if way == 'up' else '↓'}") for title, way in map(COLUMNS.get, cells.metrics)],
        [[*map(escape, label), *chain.from_iterable(line)] for label, line in zip(methods, numbers, strict=True)],
    )


def _printed(cells: Cells, method: Method, block: str, marks: Marks, escape: Callable[[str], str]) -> Iterator[str]:
    """The metrics of a method on a set."""
    for metric in cells.metrics:
        if (number := cells.number(method, block, metric)) is None:
            yield escape("–")
            continue
        mean, spread = percent(number.mean), _spread(number)
        is_best = not is_stream(method) and mean == cells.best(block, metric)
        yield marks[is_best].format(mean) + escape(spread)


def notes(cells: Cells, best: str) -> list[str]:
    """What must be known of the numbers, a sentence or two each; ``best`` says how these are marked."""
    said = [_POSITIVE[metric] for metric in cells.metrics if metric in _POSITIVE]
    streams = "; ".join(map(_way, filter(is_stream, cells.methods)))
    told = f"Streams learn from the test images: do not compare them with the other rows. {streams}."
    return [
        " ".join(["In percent.", *said, f"{best}: the best for a set and metric."]),
        *_of_runs(cells),
        *([told] if streams else []),
        *_of_images(cells),
    ]


def _of_runs(cells: Cells) -> Iterator[str]:
    """Of how many runs numbers are, and the ID accuracy where images have labels."""
    for run in cells.runs:
        whose = f"{run.name}: " if len(cells.runs) > 1 else ""
        over = [f"mean ± standard deviation over {len(run.reports)} runs"] if len(run.reports) > 1 else []
        if run.accuracy:
            over.append(f"ID accuracy {percent(run.accuracy.mean)}{_spread(run.accuracy)}")
        if over:
            yield f"{whose}{'; '.join(over)}."


def _of_images(cells: Cells) -> Iterator[str]:
    """What is wrong with the images."""
    first = cells.runs[0]
    for run in cells.runs:
        if skipped := sum(count["skipped"] for one in run.reports.values() for count in one.counts.values()):
            yield f"{run.name}: {skipped:,} unreadable images are not counted."
        if unlike := other_images(first.first.images, run.first.images):
            yield f"Do not compare {first.name} with {run.name}: they have {unlike}."


def _way(method: Method) -> str:
    """How the streams of a score went, and whose deviation stands in its row."""
    score, run = method
    played = run.first.images.streams[score]
    count = sum(len(one.images.streams[score].seeds) for one in run.reports.values())
    over = f"mean ± standard deviation over {count} streams" if count > 1 else "one stream"
    return f"{score} of {run.name}: {played.order}, batches of {played.batch_size}, {over} of each set"


def percent(fraction: float) -> str:
    """As printed, without the sign."""
    return f"{100 * fraction:.2f}"


def _spread(number: Number) -> str:
    return "" if number.sd is None else f" ± {percent(number.sd)}"
