"""Counts what would make a program wait for its GPU, on a CPU whose tensors stand for the GPU's."""

from collections import Counter
from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# Whose result has a shape, or is a number, that only the device knows; however deep inside PyTorch they are called.
_ASKING = {
    "_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "_unique2", "unique_dim",
    "unique_consecutive", "bincount", "repeat_interleave", "allclose", "_linalg_check_errors",
}  # fmt: skip
_METHODS = {getattr(torch.Tensor, name): name for name in ("cpu", "item", "tolist", "numpy", "__array__", "__bool__")}


class _Operations(TorchDispatchMode):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        if name in _ASKING:
            self.seen[name] += 1
        # By a mask: how many rows that are is asked first.
        if name in ("index", "index_put", "index_put_", "_index_put_impl_") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        ):
            self.seen["mask"] += 1
        if name == "lift_fresh":  # made of numbers of the program's, and copied from memory that is not pinned
            self.seen["new"] += 1
        return func(*args, **(kwargs or {}))


class _Methods(TorchFunctionMode):
    """Which of a CPU's tensors do nothing that a dispatcher would see."""

    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in _METHODS:
            self.seen[_METHODS[func]] += 1
        if func is torch.Tensor.to and "cpu" in map(str, (*args[1:], *(kwargs or {}).values())):
            self.seen["to cpu"] += 1
        return func(*args, **(kwargs or {}))


@contextmanager
def waits():
    """What is done inside that would wait, by its name, and how often; copies to the CPU among it."""
    seen = Counter()
    with _Methods(seen), _Operations(seen):
        yield seen
