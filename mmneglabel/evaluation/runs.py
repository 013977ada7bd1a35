"""Several runs of one setting, told apart by their seeds alone: that they are that, and their numbers over all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from os.path import commonprefix
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation.report import OODReport
from mmneglabel.results import Results

_DRAWN = {"seed", "seeds", "streams"}
"""Facts that say which draws, and how many, a number is the mean of: runs of one setting may differ in these."""

Part = tuple[int, float, float]
"""How many numbers, their mean, and their sample standard deviation (0 of one)."""


class Number(NamedTuple):
    """A mean, the sample standard deviation (None of one number alone), and of how many numbers."""

    mean: float
    sd: float | None
    count: int


def pooled(parts: Iterable[Part]) -> Number:
    """Mean and sample standard deviation of all numbers in several parts, as if all had been at hand."""
    parts = list(parts)
    if len(parts) == 1:  # nothing to round
        ((count, mean, sd),) = parts
        return Number(mean, sd if count > 1 else None, count)
    count = sum(n for n, _, _ in parts)
    mean = sum(n * own for n, own, _ in parts) / count
    squares = sum((n - 1) * sd**2 + n * (own - mean) ** 2 for n, own, sd in parts)
    return Number(mean, sqrt(squares / (count - 1)), count)


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of one setting, with other seeds.

    Args:
        name: what a table calls them.
        reports: where a run lies -> its report; at least one.

    Raises:
        ConfigError: two of them differ in their scores, sets, images or facts, seeds apart.
    """

    name: str
    reports: Mapping[str, OODReport]

    def __post_init__(self) -> None:
        (place, first), *others = self.reports.items()
        for other, report in others:
            if differs := next(_differences(first, report), None):
                raise ConfigError(
                    f"{self.name}: {place} and {other} would be averaged, and differ in more than seeds: {differs}. "
                    "Give each its own NAME=."
                )

    @property
    def first(self) -> OODReport:
        """The report of the first run, which has the sets, scores and facts of all."""
        return next(iter(self.reports.values()))

    @property
    def scores(self) -> tuple[str, ...]:
        """Names of the scores, those of streams last."""
        return (*self.first.images.score_names, *self.first.images.streams)

    @property
    def accuracy(self) -> Number | None:
        """ID accuracy over the runs; None where images have no labels."""
        found = [report.id_accuracy for report in self.reports.values()]
        return None if None in found else pooled((1, accuracy, 0.0) for accuracy in found)

    def parts(self, score: str, block: str, metric: str) -> Iterator[Part]:
        """A metric of a score on a set, group or ``mean``: one number a run, or one a stream."""
        for report in self.reports.values():
            values, streams = report.metrics[score][block], report.images.streams
            count = len(streams[score].seeds) if score in streams else 1
            yield count, values[metric], values.get(f"{metric}_sd", 0.0)


def facts(report: OODReport, score: str) -> dict[str, Any]:
    """What a score's numbers follow from, seeds apart: dotted key -> value; its bank's recipe under ``bank``."""
    run, streams = report.images.run, report.images.streams
    played = {key: getattr(streams[score], key) for key in ("order", "batch_size")} if score in streams else {}
    own = {**played, **run.get("scores", {}).get(score, {})}
    if own.get("bank") in run.get("banks", {}):
        own["bank"] = run["banks"][own["bank"]]
    shared = {key: value for key, value in run.items() if key not in ("scores", "banks", "streams")}
    return dict(_leaves({**shared, **own}))


def other_images(one: Results, other: Results) -> str | None:
    """How the images differ that two runs saw of the sets that both have; None where they do not."""
    alike = (one.set_names, one.paths, one.unreadable) == (other.set_names, other.paths, other.unreadable)
    if alike and np.array_equal(one.set_index, other.set_index):
        return None  # a million paths are compared without being decoded
    for name in one.set_names:
        if name not in other.set_names:
            continue
        mine, theirs = (images.of_set(name) for images in (one, other))
        if len(mine) != len(theirs):
            return f"{len(mine):,} and {len(theirs):,} images of {name!r}"
        if unlike := [
            pair for pair in zip(_paths(one, mine), _paths(other, theirs), strict=False) if pair[0] != pair[1]
        ]:
            return f"other images of {name!r}, such as {unlike[0][0]!r} and {unlike[0][1]!r}"
    return None


def _paths(images: Results, places: NDArray[np.int64]) -> list[str]:
    """The files of a set, below the folder that all have in common: data may lie elsewhere on another machine."""
    paths = [images.paths[place] for place in places] if any(images.paths[:1]) else []
    folder = commonprefix(paths).rpartition("/")[0]  # noqa: RUF071 - which refuses none
    return [path.removeprefix(folder) for path in paths]


def _differences(one: OODReport, other: OODReport) -> Iterator[str]:
    """What tells two runs apart that is no seed, a phrase each."""
    mine, theirs = one.images, other.images
    for kind, names in (("sets", "set_names"), ("groups", "groups"), ("scores", "score_names")):
        if (here := getattr(mine, names)) != (there := getattr(theirs, names)):
            yield f"{kind} {_listed(here)} and {_listed(there)}"
    if mine.streams.keys() != theirs.streams.keys():
        yield f"scores {_listed(mine.streams)} and {_listed(theirs.streams)}"
    if images := other_images(mine, theirs):
        yield images
    for score in (*mine.score_names, *mine.streams):
        here, there = facts(one, score), facts(other, score)
        for key in dict.fromkeys((*here, *there)):
            if here.get(key) != there.get(key):
                yield f"{key} of {score} is {here.get(key)!r} and {there.get(key)!r}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _leaves(item, f"{path}{key}.")
        elif key not in _DRAWN:
            yield f"{path}{key}", item
