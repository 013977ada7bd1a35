"""The hook in a training of MMEngine's runner: which pictures a model sees, epoch by epoch."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner
from torch.utils.data import DataLoader

from mmneglabel.engine import EpochSeedHook
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


def train(pictures, folder, epochs, workers=0, hooks=({"type": "EpochSeedHook"},), resume=False, **loop):
    runner = Runner(
        Watcher(),
        str(folder),
        train_dataloader={
            "batch_size": 5,
            "num_workers": workers,
            "persistent_workers": workers > 0,
            "sampler": {"type": "DefaultSampler", "shuffle": True},
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
        train_cfg=loop or {"by_epoch": True, "max_epochs": epochs},
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.1}},
        custom_hooks=[*hooks, {"type": "PlainCheckpointHook"}],
        default_hooks={"checkpoint": {"type": "CheckpointHook", "interval": 1}},
        randomness={"seed": 0},
        default_scope="mmpretrain",
        log_level="ERROR",
        resume=resume,
        experiment_name=uuid4().hex,
    )
    runner.train()
    return sorted(runner.model.seen[:34]), sorted(runner.model.seen[34:])


def test_each_epoch_has_its_own_pictures_whatever_the_workers(pictures, tmp_path):
    first, second = train(pictures, tmp_path / "0", 2)
    assert [i for i, _ in first] == [i for i, _ in second] == list(range(34))
    assert first != second
    assert train(pictures, tmp_path / "1", 2, workers=1) == (first, second)


def test_a_resumed_training_sees_what_it_would_have_seen(pictures, tmp_path):
    _, second = train(pictures, tmp_path / "whole", 2)
    train(pictures, tmp_path / "killed", 1)
    resumed, nothing_more = train(pictures, tmp_path / "killed", 2, resume=True)
    assert resumed == second
    assert nothing_more == []


def test_without_the_hook_pictures_differ_all_the_same(pictures, tmp_path):
    first, second = train(pictures, tmp_path, 2, hooks=())
    assert first != second


def test_iterations_have_no_epochs(pictures, tmp_path):
    with pytest.raises(ConfigError, match=r"the training loop is IterBasedTrainLoop; set train_cfg\.by_epoch=True"):
        train(pictures, tmp_path, 0, by_epoch=False, max_iters=3)
    assert not issubclass(IterBasedTrainLoop, EpochBasedTrainLoop)


def test_a_dataset_that_cannot_be_told():
    loop = object.__new__(EpochBasedTrainLoop)
    runner = SimpleNamespace(train_loop=loop, train_dataloader=SimpleNamespace(dataset=[1]))
    with pytest.raises(ConfigError, match="EpochSeedHook: list has no set_epoch; train on a TrainingSet"):
        EpochSeedHook().before_train(runner)


def test_an_epoch_without_a_batch():
    class Told(list):
        set_epoch = None

    loop = object.__new__(EpochBasedTrainLoop)
    loader = DataLoader(Told([1, 2, 3]), batch_size=4, drop_last=True)
    with pytest.raises(ConfigError, match=r"An epoch has no batch: .*3 training images, fewer than batch_size=4"):
        EpochSeedHook().before_train(SimpleNamespace(train_loop=loop, train_dataloader=loader))
