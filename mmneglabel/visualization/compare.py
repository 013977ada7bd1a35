"""Two runs side by side: what one has more than the other on the same images, and which images they part on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmneglabel.evaluation.bootstrap import RESAMPLED
from mmneglabel.evaluation.runs import other_images
from mmneglabel.results import Results
from mmneglabel.visualization.cases import Case
from mmneglabel.visualization.view import RunView

_SHOWN = 12


@dataclass(frozen=True)
class Difference:
    """A metric of two runs in percent, and the paired interval of what the second has more; None of other images.

    ``alike``: whether both have the same number, in every draw of the images.
    """

    block: str
    scores: str
    metric: str
    first: float
    second: float
    interval: tuple[float, float] | None
    alike: bool

    @property
    def more(self) -> float:
        """What the second has more."""
        return self.second - self.first

    @property
    def clear(self) -> bool:
        """Whether it is beyond what other images would do."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Parted:
    """Of the images of a set, how many both runs decide right, the first or the second alone, and neither."""

    name: str
    both: int
    first: int
    second: int
    neither: int


class Comparison:
    """The second run beside the first."""

    def __init__(self, first: RunView, second: RunView) -> None:
        self.first, self.second = first, second

    @cached_property
    def unlike(self) -> str:
        """Why no image of one can be set beside one of the other; empty where all can."""
        return _unlike(self.first.images, self.second.images)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Which score of the second run stands beside which of the first: the main ones, and all of one name."""
        common = [(score, score) for score in self.first.report.metrics if score in self.second.report.metrics]
        return list(dict.fromkeys([(self.first.main, self.second.main), *common]))

    @cached_property
    def rows(self) -> list[Difference]:
        """A line a set, group or mean of the same sets, pair of scores and metric; but for the :attr:`alike`."""
        return [row for row in self._every if not row.alike]

    @property
    def alike(self) -> int:
        """How many numbers, of every draw of the images, are the same in both runs."""
        return len(self._every) - len(self.rows)

    @cached_property
    def _every(self) -> list[Difference]:
        mine, theirs = self.first.report.metrics, self.second.report.metrics
        return [
            Difference(
                block, one if one == other else f"{other} beside {one}", metric, 100 * mine[one][block][metric],
                100 * theirs[other][block][metric], *self._drawn(one, other, block, metric),
            )
            for block in self.first.table.blocks
            if self.first.table.members(block) == self.second.table.members(block)
            for one, other in self.pairs
            for metric in RESAMPLED
        ]  # fmt: skip

    def _drawn(self, one: str, other: str, block: str, metric: str) -> tuple[tuple[float, float] | None, bool]:
        """The interval of what the second has more, and whether that is nothing in every draw."""
        single = one in self.first.images.score_names and other in self.second.images.score_names
        if self.unlike or not single:
            return None, False
        mine, theirs = self.first.resampled, self.second.resampled
        low, high = theirs.difference(other, one, block, metric, mine)
        alike = np.array_equal(theirs.draws(other, block, metric), mine.draws(one, block, metric))
        return (100 * low, 100 * high), alike

    @cached_property
    def parted(self) -> list[Parted]:
        """A line a set: which of its images the main scores decide right, each at the threshold of its own run."""
        found = []
        for number, name in enumerate(self.first.images.set_names):
            mine = self.first.images.set_index == number
            a, b = (right[mine] for right in self._right)
            found.append(Parted(name, *(int(np.sum(one)) for one in (a & b, a & ~b, ~a & b, ~a & ~b))))
        return found

    @cached_property
    def cases(self) -> list[tuple[Case, Case]]:
        """Images that one run alone decides right, those that moved most among all images first; as either saw them."""
        a, b = self._right
        moved = np.abs(_ranks(self.second) - _ranks(self.first))
        places = np.flatnonzero(a != b)
        places = places[np.argsort(-moved[places], kind="stable")][:_SHOWN]
        return [(_case(self.first, place), _case(self.second, place)) for place in places.tolist()]

    @cached_property
    def _right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        is_id = self.first.images.set_index == 0
        both = ((run.images.values(run.main) > run.threshold) == is_id for run in (self.first, self.second))
        first, second = (right & self.first.images.readable for right in both)
        return first, second


def _unlike(first: Results, second: Results) -> str:
    if first.set_names != second.set_names:
        return f"they have other sets ({', '.join(first.set_names)}; {', '.join(second.set_names)})"
    if len(first) != len(second) or (first.set_index != second.set_index).any():
        return "their sets have other numbers of images"
    if first.unreadable.keys() != second.unreadable.keys():
        return "other images of them could be read"
    return other_images(first, second) or ""


def _ranks(run: RunView) -> NDArray[np.int64]:
    return np.argsort(np.argsort(run.images.values(run.main), kind="stable"), kind="stable")


def _case(run: RunView, place: int) -> Case:
    value = float(run.images.values(run.main)[place])
    return Case(run.images, place, value, value > run.threshold)
