"""What two processes are about to do, laid side by side in one."""

import shutil

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmneglabel import ranks
from mmneglabel.engine import checks
from mmneglabel.errors import ConfigError


@pytest.fixture
def folder(pictures, tmp_path):
    return shutil.copytree(pictures / "near", tmp_path / "ood")


@pytest.fixture
def process(small_config, folder, monkeypatch):
    """Compare a process, with changes to its config, with the one before it; returns the Runner."""
    seen = []
    monkeypatch.setattr(checks, "world_size", lambda: 2)
    monkeypatch.setattr(ranks, "gathered", lambda facts: seen.append(facts) or seen[-2:])
    ood_sets = [{"name": "near", "type": "Pictures", "data_root": str(folder)}]

    def run(prepare=lambda runner: None, **changes):
        config = Config.fromfile(small_config(**{"test_dataloader.dataset.ood_sets": ood_sets, **changes}))
        runner = Runner.from_cfg(config)
        dataset = runner.test_dataloader.dataset
        prepare(runner)
        checks.check_test(runner, dataset, runner.test_evaluator)

    return run


def test_folders_of_the_machine_may_differ(process, tmp_path):
    process()
    process(work_dir=str(tmp_path / "elsewhere"), **{"custom_hooks.0.cache_dir": str(tmp_path)})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"test_dataloader.batch_size": 8}, r"config than process 0 \(test_dataloader.batch_size is 8 instead of 4\)"),
        ({"model.scores.MCM.temperature": 2}, r"\(model.scores.MCM.temperature is 2 instead of None\)"),
    ],
)
def test_settings(process, changes, says):
    process()
    with pytest.raises(ConfigError, match=says):
        process(**changes)


def test_images(process, folder):
    process()
    (folder / "0.png").rename(folder / "9.png")
    with pytest.raises(ConfigError, match="Process 1 has another list of images than process 0"):
        process()


def test_weights(process):
    process()
    with pytest.raises(ConfigError, match="Process 1 has another set of weights than process 0"):
        process(lambda runner: runner.model.backbone.projection.data.add_(1e-3))
