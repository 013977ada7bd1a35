"""Which pictures a model sees in a training of MMEngine's Runner, epoch by epoch, and what they are drawn by."""

import random
from uuid import uuid4

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmneglabel.datasets.epochs import EpochSampler, private_randomness
from mmneglabel.errors import ConfigError


class Watcher(BaseModel):
    """A model of one weight that keeps what it sees."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen = []

    def forward(self, inputs, data_samples, mode):
        self.seen += [(s.sample_idx, x.sum().item()) for x, s in zip(inputs, data_samples, strict=True)]
        return {"loss": self.weight**2}


def train(pictures, folder, epochs, workers=0, sampler="EpochSampler", resume=False):
    runner = Runner(
        Watcher(),
        str(folder),
        train_dataloader={
            "batch_size": 5,
            "num_workers": workers,
            "persistent_workers": workers > 0,
            "sampler": {"type": sampler, "shuffle": True},
            "collate_fn": {"type": "default_collate"},
            "dataset": {
                "type": "TrainingSet",
                "id_set": {"type": "CustomDataset", "data_root": str(pictures / "id")},
                "jigsaws_per_image": 1,
                "pipeline": [
                    {"type": "LoadRGBImage"},
                    {"type": "ShuffleTiles", "grid": 2},
                    {"type": "RandomResizedCrop", "scale": 8, "backend": "pillow"},
                    {"type": "PackInputs"},
                ],
            },
        },
        train_cfg={"by_epoch": True, "max_epochs": epochs},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        custom_hooks=[{"type": "PlainCheckpointHook"}],
        default_hooks={"checkpoint": {"type": "CheckpointHook", "interval": 1}},
        randomness={"seed": 0},
        default_scope="mmpretrain",
        log_level="ERROR",
        resume=resume,
        experiment_name=uuid4().hex,
    )
    runner.train()
    return runner.model.seen[:34], runner.model.seen[34:]


def test_each_epoch_has_its_own_pictures_whatever_the_workers(pictures, tmp_path):
    first, second = train(pictures, tmp_path / "0", 2)
    assert [sorted(i for i, _ in seen) for seen in (first, second)] == [list(range(34))] * 2
    assert sorted(first) != sorted(second)
    assert train(pictures, tmp_path / "1", 2, workers=1) == (first, second)


def test_a_resumed_training_sees_what_it_would_have_seen(pictures, tmp_path):
    _, second = train(pictures, tmp_path / "whole", 2)
    train(pictures, tmp_path / "killed", 1)
    assert train(pictures, tmp_path / "killed", 2, resume=True) == (second, [])


def test_without_the_sampler_pictures_differ_all_the_same(pictures, tmp_path):
    first, second = train(pictures, tmp_path, 2, sampler="DefaultSampler")
    assert sorted(first) != sorted(second)


class Numbers(list):
    knows_epochs = True


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("settings", [{}, {"shuffle": False}, {"round_up": False}])
def test_the_order_is_mmengines(processes, settings, monkeypatch):
    for rank in range(processes):
        monkeypatch.setattr("mmengine.dataset.sampler.get_dist_info", lambda rank=rank: (rank, processes))
        ours, theirs = (kind(Numbers(range(10)), seed=3, **settings) for kind in (EpochSampler, DefaultSampler))
        for epoch in range(2):
            ours.set_epoch(epoch), theirs.set_epoch(epoch)
            assert list(ours) == [(epoch, i) for i in theirs]
            assert len(ours) == len(theirs)


def test_a_dataset_that_knows_no_epochs():
    with pytest.raises(ConfigError, match="EpochSampler: list knows no epochs; train on a TrainingSet"):
        EpochSampler([1])


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
