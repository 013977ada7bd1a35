"""Which scores of which runs differ in one number alone, so that a metric can be drawn over it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mmneglabel.errors import is_number
from mmneglabel.evaluation.report import MEAN
from mmneglabel.evaluation.runs import Part, Runs, facts
from mmneglabel.methods import usual

_FEWEST = 3
"""Values of a setting that make a curve."""


@dataclass(frozen=True, eq=False)
class Ablation:
    """Scores that differ in one setting alone, and maybe in their seeds.

    Attributes:
        key: the setting, such as ``groups``, or ``bank.ratio`` of the words' miner.
        points: its values, ascending -> the scores that have it, each with its runs.
    """

    key: str
    points: Mapping[float, Sequence[tuple[str, Runs]]]

    @property
    def name(self) -> str:
        """The score that all are variants of."""
        return usual(score for methods in self.points.values() for score, _ in methods)

    @property
    def runs(self) -> str:
        """The names of the runs that they are of."""
        return ", ".join(dict.fromkeys(run.name for methods in self.points.values() for _, run in methods))

    def parts(self, value: float, metric: str) -> Iterator[Part]:
        """The mean over OOD sets of each run and stream with this value."""
        for score, run in self.points[value]:
            yield from run.parts(score, MEAN, metric)


def ablations(runs: Sequence[Runs]) -> dict[str, list[Ablation]]:
    """Setting -> its ablations in these runs, which saw the same images; in the order in which settings are found."""
    every = [(score, run, _told(score, run)) for run in runs for score in run.scores]
    alike: dict[tuple[str, str], dict[float, list[tuple[str, Runs]]]] = {}
    for score, run, told in every:
        for key in (key for key, value in told.items() if is_number(value)):
            others = json.dumps({name: value for name, value in told.items() if name != key}, sort_keys=True)
            alike.setdefault((key, others), {}).setdefault(told[key], []).append((score, run))
    found: dict[str, list[Ablation]] = {}
    for (key, _), points in alike.items():
        if len(points) >= _FEWEST:
            found.setdefault(key, []).append(Ablation(key, dict(sorted(points.items()))))
    return found


def _told(score: str, run: Runs) -> dict[str, object]:
    """What a score's numbers follow from; nothing where the run does not tell, as then nobody knows what is alike."""
    if not (told := facts(run.first, score)):
        return {}
    counts = {name: count["images"] for name, count in run.first.counts.items()}
    return {**told, "images": json.dumps(counts)}
