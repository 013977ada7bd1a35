"""Many jobs in threads: each result as soon as it is there, and a rate limit that the threads share."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice


class Pace:
    """Lets at most ``per_minute`` callers pass a minute, evenly spaced, so that no burst meets a server's limit.

    Args:
        per_minute: callers a minute; None lets all pass at once.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def wait(self) -> None:
        """Return when it is the caller's turn, or when all was stopped."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._seconds
        self._stopped.wait(turn - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Wait that long, unless all is stopped."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Wake all who wait: nobody wants their requests any more."""
        self._stopped.set()


def as_answered(
    pool: ThreadPoolExecutor, jobs: Iterable[tuple[Callable[[], str], int]], ahead: int
) -> Iterator[tuple[int, str]]:
    """(index, result) of each job as it ends, ``ahead`` of them handed out at a time.

    Where one fails, those that ended at the same time are still given before its error is raised.
    """
    jobs, running = iter(jobs), {}
    while True:
        running |= {pool.submit(job): index for job, index in islice(jobs, ahead - len(running))}
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=lambda ended: ended.exception() is not None):
            yield running.pop(future), future.result()
