"""Which epoch a training picture is for, and random numbers that follow from it alone."""

import random
from collections.abc import Iterator, Sequence, Sized
from contextlib import contextmanager
from itertools import repeat
from typing import Any

import numpy as np
import torch
from mmengine.dataset import DefaultSampler
from mmengine.registry import DATA_SAMPLERS  # where the Runner looks
from torch.utils.data import get_worker_info

from mmneglabel.errors import ConfigError


@DATA_SAMPLERS.register_module()
class EpochSampler(DefaultSampler):
    """MMEngine's ``DefaultSampler`` that asks a :class:`TrainingSet` for ``(epoch, index)`` in place of ``index``.

    So whoever reads a picture, in whatever process, knows its epoch, after a resume too: MMEngine's Runner tells every
    sampler which epoch begins.

    Args:
        dataset: The training set.
        **kwargs: As for ``DefaultSampler``: ``shuffle``, ``seed``, ``round_up``.
    """

    def __init__(self, dataset: Sized, **kwargs: Any) -> None:
        if not getattr(dataset, "knows_epochs", False):
            raise ConfigError(
                f"EpochSampler: {type(dataset).__name__} knows no epochs; train on a TrainingSet, or set "
                "sampler=dict(type='DefaultSampler', shuffle=True)"
            )
        super().__init__(dataset, **kwargs)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The epoch and the images of this process, in ``DefaultSampler``'s order."""
        return zip(repeat(self.epoch), super().__iter__(), strict=False)


@contextmanager
def private_randomness(seed: Sequence[int]) -> Iterator[None]:
    """Within it, what is drawn depends on ``seed`` (integers from 0 on) alone; after it, the global state is as before.

    Data loader workers are processes of their own, in which nobody else draws, so there nothing is put back: seeding
    takes 20 microseconds, and keeping and putting back NumPy's state another 70.
    """
    shared = get_worker_info() is None
    kept = (random.getstate(), np.random.get_state(), torch.get_rng_state()) if shared else None
    words = np.random.SeedSequence(seed).generate_state(4)
    random.seed(words.tobytes())
    np.random.seed(words)
    # Not torch.manual_seed, which seeds every GPU too and takes a hundred times as long. Its seed has 64 bits and
    # NumPy's words have 32: one is put before another.
    torch.default_generator.manual_seed(int(words[0]) << 32 | int(words[1]))
    try:
        yield
    finally:
        if kept:
            random.setstate(kept[0])
            np.random.set_state(kept[1])
            torch.set_rng_state(kept[2])
