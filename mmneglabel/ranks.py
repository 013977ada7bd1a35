"""What several processes do together: work that one does for all, rows of all brought together, facts compared.

Everything here is done at once where there is one process. Knows ``torch.distributed`` alone.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, distributed

from mmneglabel.errors import ConfigError, NegLabelError

_BEAT_EVERY = 30.0  # seconds, at least

T = TypeVar("T")


def world_size() -> int:
    """How many processes there are."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def rank() -> int:
    """This process's number, from 0 on."""
    return distributed.get_rank() if world_size() > 1 else 0


def from_first_rank(work: Callable[[Callable[[], None]], T]) -> T:
    """``work(beat)`` done on rank 0 alone, its result on all ranks.

    Args:
        work: calls ``beat()`` now and then. The ranks that wait do so inside a collective, which the backend ends
            after its timeout (10 minutes for NCCL): a beat tells them that the work goes on.

    Raises:
        NegLabelError: what ``work`` raised on rank 0, on every rank.
    """
    if world_size() == 1:
        return work(lambda: None)
    return _lead(work) if rank() == 0 else _follow()


def rows_on_first(rows: Tensor, counts: Sequence[int] | None = None) -> Tensor | None:
    """All processes' rows (n, …), one process after another, on the first one and on the CPU; None on the others.

    Args:
        rows: mine.
        counts: how many each process has, where that is known; it is asked for otherwise.
    """
    if world_size() == 1:
        return rows
    counts = counts or gathered(len(rows))
    # The backends want as many rows from everyone; what is sent beyond one's own is cut off again.
    if missing := max(counts) - len(rows):
        rows = torch.cat([rows, rows.new_zeros(missing, *rows.shape[1:])])
    rows = rows.cuda() if distributed.get_backend() == "nccl" else rows.cpu()
    parts = [torch.empty_like(rows) for _ in counts] if rank() == 0 else None
    distributed.gather(rows, parts)
    return parts and torch.cat([part[:count].cpu() for part, count in zip(parts, counts, strict=True)])


def rows_on_all(rows: Tensor) -> Tensor:
    """All processes' rows (n, …) on the CPU, one process after another, on every process; each has its own number."""
    return torch.cat(gathered(rows))


def each_once(index: Tensor, size: int) -> Tensor:
    """Where each of ``size`` images first stands in ``index`` (n,), their positions as all processes saw them.

    A sampler may give one image to two processes to even out their shares: the first of them counts.

    Raises:
        ConfigError: some image was seen by nobody.
    """
    _, first = np.unique(index.numpy(), return_index=True)
    if missing := size - len(first):
        again = f"{missing} of {size} images were evaluated twice and as many not at all; use "
        never = f"{missing} of {size} images were not evaluated; set drop_last=False and "
        raise ConfigError(
            (never if len(index) < size else again)
            + "sampler=dict(type='DefaultSampler', shuffle=False) in the test dataloader"
        )
    return torch.from_numpy(first)


def rows_of_all(index: Tensor, rows: Tensor, size: int) -> Tensor:
    """All processes' rows in one tensor (size, …) on every process: row ``index[i]`` of it is ``rows[i]`` of mine.

    A sampler may give one image to two processes to even out their shares: the first of them counts. So every row
    has one owner, and the sum over all processes is exact.
    """
    owner = torch.full((size,), world_size())
    owner[index] = rank()
    owner = summed(owner, distributed.ReduceOp.MIN)
    mine = owner[index] == rank()
    whole = torch.zeros(size, *rows.shape[1:], dtype=rows.dtype)
    whole[index[mine]] = rows[mine].cpu()
    return summed(whole)


def summed(tensor: Tensor, how: distributed.ReduceOp = distributed.ReduceOp.SUM) -> Tensor:
    """All processes' tensors of one shape, added up or as ``how`` says, on every process and on the CPU."""
    if world_size() == 1:
        return tensor
    # NCCL knows tensors of a GPU alone.
    tensor = tensor.cuda() if distributed.get_backend() == "nccl" else tensor
    distributed.all_reduce(tensor, how)
    return tensor.cpu()


def gathered(thing: T) -> list[T]:
    """What each process holds, by rank, on every process."""
    if world_size() == 1:
        return [thing]
    found: list[Any] = [None] * world_size()
    distributed.all_gather_object(found, thing)
    return found


def check_same(**facts: Any) -> None:
    """Every process must hold the same ``facts``; takes part in a collective.

    Args:
        facts: what errors call it -> a checksum, or a mapping, of which the first difference is named.

    Raises:
        ConfigError: one holds others, on every process, with the same words: nobody waits for one that has stopped.
    """
    first, *others = gathered(facts)
    for number, theirs in enumerate(others, 1):
        for what, mine in first.items():
            if theirs[what] != mine:
                raise ConfigError(
                    f"Process {number} has another {what} than process 0{_difference(mine, theirs[what])}: give all "
                    "processes, on all machines, the same."
                )


def _difference(first: Any, other: Any) -> str:
    """The first setting that differs."""
    if not isinstance(first, Mapping):
        return ""
    key = next(key for key in {**first, **other} if first.get(key) != other.get(key))
    return f" ({key} is {other.get(key)} instead of {first.get(key)})"


def _lead(work: Callable[[Callable[[], None]], T]) -> T:
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last >= _BEAT_EVERY:
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
