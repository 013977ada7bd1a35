"""How much of a test is waiting for pictures, and what to do about it."""

import os
from time import perf_counter

from mmneglabel.ranks import world_size

_LEAST_SHARE, _LEAST_SECONDS = 0.5, 30.0
"""Below either of them nobody needs to hear of it."""


class LoadingTime:
    """The time that a loop waits for its batches, but for the first, for which workers are started."""

    def __init__(self) -> None:
        self._began = self._left = None
        self._waited = 0.0

    def got(self) -> None:
        """A batch is there."""
        now = perf_counter()
        if self._began is None:
            self._began = now
        else:
            self._waited += now - self._left

    def done(self) -> None:
        """The loop has no more to do with it."""
        self._left = perf_counter()

    def advice(self, workers: int) -> str | None:
        """What to change of a test's loader, which has so many; None where it hinders nobody, or no core is left."""
        taken = 0.0 if self._began is None else self._left - self._began
        cores = os.cpu_count() or 1
        if taken < _LEAST_SECONDS or self._waited < _LEAST_SHARE * taken or workers * world_size() >= cores:
            return None
        return (
            f"{self._waited / taken:.0%} of the time was spent waiting for pictures: raise test_dataloader.num_workers "
            f"(now {workers}; this machine has {cores} cores)."
        )
