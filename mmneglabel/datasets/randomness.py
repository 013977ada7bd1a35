"""A private seed for code that draws from the global random numbers of Python, NumPy and PyTorch."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch.utils.data import get_worker_info


@contextmanager
def private_randomness(seed: Sequence[int]) -> Iterator[None]:
    """Within it, what is drawn depends on ``seed`` alone; after it, the global state is what it was before.

    Data loader workers are processes of their own, in which nobody else draws, so there nothing is put back: seeding
    takes 20 microseconds, and keeping and putting back NumPy's state another 70.

    Args:
        seed: Integers that are not negative, such as (seed, epoch, index).
    """
    shared = get_worker_info() is None
    kept = (random.getstate(), np.random.get_state(), torch.get_rng_state()) if shared else None
    words = np.random.SeedSequence(seed).generate_state(4)
    random.seed(words.tobytes())
    np.random.seed(words)
    # Not torch.manual_seed, which seeds every GPU too and takes a hundred times as long.
    torch.default_generator.manual_seed(int(words[0]) << 32 | int(words[1]))
    try:
        yield
    finally:
        if kept:
            random.setstate(kept[0])
            np.random.set_state(kept[1])
            torch.set_rng_state(kept[2])
