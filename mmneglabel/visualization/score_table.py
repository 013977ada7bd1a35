"""The page's table: every score on every set, group and mean, with intervals, deviations and what is best."""

from dataclasses import dataclass
from functools import cached_property

from mmneglabel.evaluation import METRIC_NAMES, OODReport, Resampled
from mmneglabel.evaluation.bootstrap import RESAMPLED
from mmneglabel.evaluation.report import MEAN
from mmneglabel.evaluation.table import LOWER_IS_BETTER


@dataclass(frozen=True)
class Cell:
    """A metric in percent.

    Attributes:
        value: the metric.
        low: the lower end of its interval; None where it has none.
        high: the upper end.
        sd: its standard deviation over streams; None where it was no stream, or one.
        best: whether no score of single images is better on the same images, as printed.
    """

    value: float
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    best: bool = False


@dataclass(frozen=True)
class Row:
    """A score on a set, a group or the mean."""

    block: str
    score: str
    cells: tuple[Cell, ...]


class ScoreTable:
    """The table of a run.

    Args:
        report: its numbers.
        resampled: how far they would move.
    """

    def __init__(self, report: OODReport, resampled: Resampled) -> None:
        self.report, self.resampled = report, resampled

    @cached_property
    def blocks(self) -> dict[str, str]:
        """Block of the table -> its heading."""
        means = {MEAN: f"mean of {len(self.report.ood_sets)} OOD sets"} if len(self.report.ood_sets) > 1 else {}
        groups = {name: f"{name}: mean of {', '.join(sets)}" for name, sets in self.report.images.groups.items()}
        return {**means, **groups, **{name: name for name in self.report.ood_sets}}

    def members(self, block: str) -> frozenset[str]:
        """The OOD sets of which a block of the table is the mean; none where there is no such block."""
        known = {
            **{name: (name,) for name in self.report.ood_sets},
            **self.report.images.groups,
            MEAN: self.report.ood_sets,
        }
        return frozenset(known.get(block, ()))

    @cached_property
    def rows(self) -> list[Row]:
        """A row a block and score."""
        return [row for block in self.blocks for row in self._rows_of(block)]

    def _rows_of(self, block: str) -> list[Row]:
        metrics = {score: by_block[block] for score, by_block in self.report.metrics.items()}
        best = {
            name: (min if name in LOWER_IS_BETTER else max)(round(100 * metrics[s][name], 2) for s in self._static)
            for name in (METRIC_NAMES if len(self._static) > 1 else ())
        }
        return [
            Row(block, score, tuple(self._cell(score, block, name, best.get(name)) for name in METRIC_NAMES))
            for score in metrics
        ]

    @property
    def _static(self) -> tuple[str, ...]:
        return self.report.images.score_names

    def _cell(self, score: str, block: str, name: str, best: float | None) -> Cell:
        numbers = self.report.metrics[score][block]
        value, sd = 100 * numbers[name], numbers.get(f"{name}_sd")
        if score not in self._static or name not in RESAMPLED:
            is_best = score in self._static and round(value, 2) == best
            return Cell(value, sd=None if sd is None else 100 * sd, best=is_best)
        low, high = (100 * end for end in self.resampled.interval(score, block, name))
        return Cell(value, low, high, best=round(value, 2) == best)
