"""Shards through a detector: at full speed those that nobody has begun, then with care those that somebody died of."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from mmneglabel.apis.inputs import Picture
from mmneglabel.errors import DataError, NegLabelError
from mmneglabel.sharding.leases import LOADING, SCORING, Lease, take
from mmneglabel.sharding.parts import read_part, write_part
from mmneglabel.sharding.plan import Plan

Done = tuple[int, Counter[str]]
"""A shard that was finished, and what is counted in its part."""


class Detector(Protocol):
    """What scores pictures: ``mmneglabel.apis.NegLabelInferencer``."""

    def batches(
        self, pictures: Any, order: Iterable[Sequence[Any]], workers: int, before: Callable[[], None]
    ) -> Iterator[list[dict[str, Any]]]:
        """A result a picture, batch by batch."""


def turn_of(plan: Plan, worker: int = 1, workers: int = 1) -> Iterator[int]:
    """The numbers of all shards, first every ``workers``-th from the ``worker``-th on, then those of the others."""
    for offset in range(workers):
        yield from range((worker - 1 + offset) % workers, len(plan), workers)


def score_shards(
    plan: Plan,
    detector: Detector,
    shards: Sequence[int],
    workers: int = 0,
    before: Callable[[], None] = lambda: None,
    alone: bool = False,
) -> Iterator[Done]:
    """Finish those of ``shards`` that are not finished and that nobody else is at.

    Args:
        plan: of all shards.
        detector: what scores.
        shards: numbers, in the order of this worker.
        workers: processes that load pictures.
        before: called when the network is about to see a batch.
        alone: whether nobody else can be at these shards.
    """
    passed_over: list[int] = []

    def taken(numbers: Iterable[int], careful: bool) -> Iterator[Lease]:
        for shard in numbers:
            if read_part(plan.folder, shard, plan.digest) is not None:
                continue
            if lease := take(plan.folder, shard, careful, surely_dead=alone):
                yield lease
            elif not careful:
                passed_over.append(shard)

    yield from _Flow(plan, detector, taken(shards, careful=False)).run(workers, before)
    for lease in taken(passed_over, careful=True):
        yield _score_carefully(plan, detector, lease, before)


def _score_carefully(plan: Plan, detector: Detector, lease: Lease, before: Callable[[], None]) -> Done:
    """Finish a shard by itself, in this process alone; pictures that workers died of are not read."""
    pictures = _Watched(plan.pictures(lease.shard), lease)
    rows: list[dict[str, Any]] = []

    def about_to_score() -> None:
        lease.at(SCORING, pictures.last)
        before()

    with _given_back(lambda: [lease]):
        for results in detector.batches(pictures, _batches(plan, len(pictures)), 0, about_to_score):
            rows += results
        return _finish(plan, lease, rows)


class _Watched:
    """The pictures of a shard, each noted before it is read; those that are set aside are errors."""

    def __init__(self, pictures: Sequence[Picture], lease: Lease) -> None:
        self._pictures, self._lease, self._aside, self.last = pictures, lease, {*lease.set_aside}, 0

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, row: int) -> Picture:
        self.last = row
        self._lease.at(LOADING, row)
        picture = self._pictures[row]
        return Picture(picture.name, DataError("processes died of reading it")) if row in self._aside else picture


@dataclass
class _Flow:
    """Shard after shard through one loader, which never waits where one ends.

    The loader asks for pictures ahead of the network: ``_ahead`` holds the shards between them, and how many pictures
    each has.
    """

    plan: Plan
    detector: Detector
    leases: Iterator[Lease]
    _ahead: deque[tuple[Lease, int]] = field(default_factory=deque)

    def run(self, workers: int, before: Callable[[], None]) -> Iterator[Done]:
        """Finish all of them."""
        rows: list[dict[str, Any]] = []

        def about_to_score() -> None:
            self._ahead[0][0].at(SCORING, 0)
            before()

        with _given_back(lambda: (lease for lease, _ in self._ahead)):
            for results in self.detector.batches(_OfPlan(self.plan), self._order(), workers, about_to_score):
                rows += results
                yield from self._finished(rows)
            yield from self._finished(rows)  # what had no pictures

    def _order(self) -> Iterator[list[tuple[int, int]]]:
        for lease in self.leases:
            count = len(self.plan.pictures(lease.shard))
            self._ahead.append((lease, count))
            yield from ([(lease.shard, row) for row in rows] for rows in _batches(self.plan, count))

    def _finished(self, rows: list[dict[str, Any]]) -> Iterator[Done]:
        """The shards all of whose results are among ``rows``, from which they are taken."""
        while self._ahead and len(rows) >= self._ahead[0][1]:
            lease, count = self._ahead[0]
            done = _finish(self.plan, lease, rows[:count])
            del rows[:count]
            self._ahead.popleft()  # before anybody may stop here: what is finished is not given back
            yield done


class _OfPlan:
    """All pictures of a plan, by shard and row."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __getitem__(self, key: tuple[int, int]) -> Picture:
        shard, row = key
        return self._plan.pictures(shard)[row]


def _batches(plan: Plan, count: int) -> Iterator[range]:
    """The rows of each batch of a shard; none is of two shards, so that no result hangs on what came before."""
    size = plan.facts["batch_size"]
    return (range(start, min(start + size, count)) for start in range(0, count, size))


def _finish(plan: Plan, lease: Lease, rows: Sequence[dict[str, Any]]) -> Done:
    counts = write_part(plan.folder, lease.shard, plan.digest, rows, lease.set_aside)
    lease.end()
    return lease.shard, counts


@contextmanager
def _given_back(held: Callable[[], Iterable[Lease]]) -> Iterator[None]:
    """Whoever stops in order has not died."""
    try:
        yield
    except (NegLabelError, KeyboardInterrupt, GeneratorExit):
        for lease in held():
            lease.give_back()
        raise
