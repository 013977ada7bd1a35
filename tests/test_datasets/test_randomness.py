import random

import numpy as np
import torch
from torch.utils.data import DataLoader

from mmneglabel.datasets.randomness import private_randomness


def draw(seed=None):
    if seed is not None:
        with private_randomness(seed):
            return draw()
    return random.random(), np.random.random(), np.random.normal(), torch.rand(()).item()


def test_what_is_drawn_depends_on_the_seed_alone():
    first = draw((0, 1, 2))
    draw()
    assert draw((0, 1, 2)) == first
    assert not set(first) & set(draw((0, 1, 3)))
    assert not set(first) & set(draw((0, 2, 2)))


def test_the_global_state_goes_on_as_if_nothing_had_been():
    def seed_all():
        random.seed(1), np.random.seed(1), torch.manual_seed(1)

    seed_all()
    np.random.normal()  # NumPy keeps a second number for the next call
    want = draw()
    seed_all()
    np.random.normal()
    draw((7,))
    assert draw() == want


def test_it_is_put_back_after_an_error():
    np.random.seed(3)
    want = np.random.random()
    np.random.seed(3)
    try:
        with private_randomness((1,)):
            raise KeyError
    except KeyError:
        assert np.random.random() == want


class Draws:
    def __len__(self):
        return 6

    def __getitem__(self, i):
        return torch.tensor(draw((i,)), dtype=torch.float64)


def test_workers_draw_the_same():
    here, there = (torch.cat(list(DataLoader(Draws(), num_workers=workers))) for workers in (0, 2))
    assert here.equal(there)
