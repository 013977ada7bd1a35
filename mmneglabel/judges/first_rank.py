"""Work that one process does for all: rank 0 works, the others wait and get its result or its error."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from torch import distributed

from mmneglabel.errors import NegLabelError

T = TypeVar("T")


def from_first_rank(work: Callable[[Callable[[], None]], T], every: float = 30.0) -> T:
    """``work(beat)`` done on rank 0 alone, its result on all ranks; without torch.distributed, simply done.

    Args:
        work: calls ``beat()`` now and then. The ranks that wait do so inside a collective, which the backend ends
            after its timeout (10 minutes for NCCL): a beat tells them that the work goes on.
        every: the fewest seconds between two beats that are sent.

    Raises:
        NegLabelError: what ``work`` raised on rank 0, on every rank.
    """
    if not distributed.is_available() or not distributed.is_initialized() or distributed.get_world_size() == 1:
        return work(lambda: None)
    return _lead(work, every) if distributed.get_rank() == 0 else _follow()


def _lead(work: Callable[[Callable[[], None]], T], every: float) -> T:
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            _broadcast(("busy", None))
            last = time.monotonic()

    try:
        result = work(beat)
    except Exception as error:
        _broadcast(("error", _portable(error)))
        raise
    _broadcast(("done", result))
    return result


def _follow() -> Any:
    while True:
        state, value = _broadcast(None)
        if state == "error":
            raise value
        if state == "done":
            return value


def _broadcast(message: tuple[str, Any] | None) -> tuple[str, Any]:
    box = [message]
    distributed.broadcast_object_list(box, src=0)
    return box[0]


def _portable(error: Exception) -> NegLabelError:
    """Our own errors travel as they are; of others only the text, since not every exception can be pickled."""
    if isinstance(error, NegLabelError):
        return error
    return NegLabelError(f"the first process failed ({type(error).__name__}: {error}): see its own error")
