"""Training through the tool's own function: what it leaves, that it can be killed, and what it says of bad input."""

import json
from uuid import uuid4

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmpretrain.registry import HOOKS
from test_tools import launching
from training_stand_in import EPOCHS, write_training_config

from mmneglabel.cli.testing import run_test
from mmneglabel.cli.training import run_train
from mmneglabel.results import load


@HOOKS.register_module()
class Killed(Hook):
    """Stops the run in the middle of an epoch."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.epoch == 1 and batch_idx == 1:
            raise KeyboardInterrupt


@pytest.fixture
def training_config(pictures, tmp_path):
    return lambda name="train.py", **changes: write_training_config(tmp_path / name, pictures, **changes)


def own_name():
    """MMEngine's default is the time in seconds, and two runs a second are usual here."""
    return {"experiment_name": uuid4().hex}


def launch(config, work_dir, **options):
    """What tools/train.py does; returns its exit code."""
    options = {"cfg_options": own_name(), "work_dir": str(work_dir)} | options
    return launching.launch(run_train, config, **options)


def evaluate(config, checkpoint, work_dir):
    options = {"cfg_options": own_name(), "checkpoint": checkpoint and str(checkpoint)}
    return launching.launch(run_test, config, work_dir=str(work_dir), **options)


def scalars(work_dir, key):
    """Values of one curve in the order of the steps."""
    (path,) = work_dir.glob("*/vis_data/scalars.json")
    lines = map(json.loads, path.read_text().splitlines())
    return [line[key] for line in lines if key in line]


def weights(path):
    return torch.load(path, weights_only=True)["state_dict"]


@pytest.mark.smoke
def test_a_run_and_what_it_leaves(training_config, tmp_path):
    config, work = training_config(), tmp_path / "run"
    assert launch(config, work) == 0
    for curve in ("loss", "loss_ce", "loss_anchor", "loss_contrastive", "lr"):
        assert np.isfinite(scalars(work, curve)).all()
    validated = scalars(work, "ood/MSP/auroc")
    assert len(validated) == EPOCHS
    assert not scalars(work, "ood/KNN/auroc")  # learns from training images, so it waits for the test
    assert list(work.glob("*/vis_data/events.out.tfevents.*"))
    assert (work / f"best_ood_MSP_auroc_epoch_{int(np.argmax(validated)) + 1}.pth").exists()
    assert (work / "anchors.txt").read_text().startswith("x\t")
    assert evaluate(config, work / f"epoch_{EPOCHS}.pth", tmp_path / "test") == 0
    report = json.loads((tmp_path / "test" / "metrics.json").read_text())
    assert report["MSP"]["mean"]["auroc"] == pytest.approx(validated[-1])
    assert report["KNN"]["mean"]["id_accuracy"] == scalars(work, "ood/id_accuracy")[-1]


def test_a_killed_run_goes_on_to_the_same_weights(training_config, tmp_path):
    """Killed in its second epoch, resumed from the end of its first; the pipeline draws random numbers."""
    whole, config = tmp_path / "whole", training_config()
    assert launch(config, whole, seed=7) == 0
    hooks = [*Config.fromfile(config).custom_hooks, {"type": "Killed"}]
    assert launch(training_config("killed.py", custom_hooks=hooks), tmp_path / "killed", seed=7) == 130
    assert not (tmp_path / "killed" / "epoch_2.pth").exists()
    assert launch(config, tmp_path / "killed", resume="auto", seed=8) == 1  # it began with another
    assert launch(config, tmp_path / "killed", resume="auto") == 0
    ours, theirs = (weights(folder / f"epoch_{EPOCHS}.pth") for folder in (tmp_path / "killed", whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    best = {path.name for path in whole.glob("best_*")}
    assert {path.name for path in (tmp_path / "killed").glob("best_*")} == best


def test_a_seed_decides_everything(training_config, tmp_path):
    config = training_config(**{"train_cfg.max_epochs": 1})
    for name, seed in {"a": 5, "b": 5, "c": 6}.items():
        assert launch(config, tmp_path / name, seed=seed, no_validate=True) == 0
    a, b, c = (weights(tmp_path / name / "epoch_1.pth")["head.fc.weight"] for name in "abc")
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


@pytest.fixture
def trained(training_config, tmp_path):
    """The work dir of a run of two epochs, and its config."""
    config = training_config(**{"train_cfg.max_epochs": 2})
    assert launch(config, tmp_path / "trained", no_validate=True) == 0
    return config, tmp_path / "trained"


def test_a_damaged_checkpoint_names_the_one_before(trained, capsys):
    config, work = trained
    last = work / "epoch_2.pth"
    last.write_bytes(last.read_bytes()[:-1000])
    assert launch(config, work, resume="auto") == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith(f"error: The checkpoint '{last}' cannot be read")
    assert f"--resume {work / 'epoch_1.pth'}" in line
    torch.save(weights(work / "epoch_1.pth"), work / "weights.pth")
    last.unlink()
    for resume, says in {
        "auto": f"There is no checkpoint {last} to go on from. The last one beside it: --resume {work / 'epoch_1.pth'}",
        "nowhere.pth": "There is no checkpoint nowhere.pth to go on from",
        str(work / "weights.pth"): "holds weights and no state of a training: set load_from",
    }.items():
        assert launch(config, work, resume=resume) == 1
        assert says in capsys.readouterr().err
    (work / "last_checkpoint").write_text("")
    assert launch(config, work, resume="auto") == 1
    assert "last_checkpoint is empty" in capsys.readouterr().err


def test_a_checkpoint_of_other_classes(trained, training_config, tmp_path, capsys):
    _, work = trained
    other = training_config("other.py", **{"model.head.num_classes": 5})
    assert evaluate(other, work / "epoch_2.pth", tmp_path / "test") == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("error: The checkpoint")
    assert "classes" in line


def test_other_weights_begin_a_run(trained, training_config, tmp_path):
    """`load_from`, and --resume in an empty work dir, as clusters give it: weights are taken, epochs begin anew."""
    _, work = trained
    config = training_config("more.py", load_from=str(work / "epoch_2.pth"), **{"train_cfg.max_epochs": 1})
    assert launch(config, tmp_path / "more", no_validate=True, resume="auto") == 0
    assert (tmp_path / "more" / "epoch_1.pth").exists()


def test_a_training_without_a_checkpoint_is_not_tested(training_config, tmp_path, capsys):
    assert evaluate(training_config(), None, tmp_path / "test") == 1
    assert "describes a training: give a checkpoint" in capsys.readouterr().err


def test_without_tensorboard(training_config, tmp_path, monkeypatch):
    monkeypatch.setattr("mmneglabel.cli.training.find_spec", lambda name: None)
    config = training_config(**{"train_cfg.max_epochs": 1})
    with pytest.warns(UserWarning, match=r"pip install 'mmneglabel\[train\]'"):
        assert launch(config, tmp_path / "run", no_validate=True) == 0
    assert scalars(tmp_path / "run", "loss_ce")


@pytest.fixture
def error_of(training_config, tmp_path, capsys):
    """The one line that a changed config or other options end with."""

    def run(options=None, **changes):
        assert launch(training_config("broken.py", **changes), tmp_path / "broken", **(options or {})) == 1
        return launching.error_line(capsys)

    return run


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"train_dataloader.dataset.pipeline.2.grid": 3}, "cannot be cut into 3x3 equal tiles"),
        ({"model.head.anchor_dim": 17}, "model.head.anchor_dim=16, or take another text tower"),
        ({"train_dataloader": None}, "trains nothing: it has no train_dataloader"),
        ({"default_hooks.checkpoint.save_best": "ood/KNN/auroc"}, "but validation scores only MSP: choose one of them"),
        ({"model.scores": {"_delete_": True, "KNN": {}}}, "validation has none to measure"),
        ({"default_hooks.checkpoint": None, "optim_wrapper.type": "Nobody"}, "Nobody is not in"),
        ({"custom_hooks": []}, "TagFogHead has no anchors: add TextAnchorHook"),
    ],
)
def test_bad_settings(error_of, changes, says):
    assert says in error_of(**changes)


def test_round_up_with_several_processes(error_of, monkeypatch):
    monkeypatch.setattr("mmneglabel.cli.training.init_cpu_processes", lambda launcher: None)
    line = error_of({"launcher": "pytorch"}, **{"train_dataloader.sampler.round_up": False})
    assert "several processes need equally many images" in line


def test_fewer_workers_than_the_config_has(training_config, tmp_path):
    """Workers that persist want workers: the option has the last word, and what follows from it follows."""
    config = training_config(**{"train_cfg.max_epochs": 1, "train_dataloader.num_workers": 2})
    options = own_name() | {"train_dataloader.num_workers": 0}
    assert launch(config, tmp_path / "run", no_validate=True, cfg_options=options) == 0


def test_options_that_this_machine_or_config_lacks(error_of, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "--amp needs a GPU" in error_of({"amp": True})
    assert "no auto_scale_lr.base_batch_size" in error_of({"auto_scale_lr": True})


def test_averaged_weights_are_tested(training_config, tmp_path):
    """EMAHook saves them as the checkpoint's weights; tests with and without the hook read the same."""
    plain = training_config("plain.py", **{"train_cfg.max_epochs": 1})
    hooks = [*Config.fromfile(plain).custom_hooks, {"type": "EMAHook", "momentum": 0.5}]
    averaged = training_config("averaged.py", custom_hooks=hooks, **{"train_cfg.max_epochs": 1})
    assert launch(averaged, tmp_path / "run", no_validate=True) == 0
    saved = torch.load(tmp_path / "run" / "epoch_1.pth", weights_only=True)
    last = {name.removeprefix("module."): value for name, value in saved["ema_state_dict"].items() if name != "steps"}
    torch.save({"state_dict": last}, tmp_path / "last.pth")
    scores = {}
    for name, config, checkpoint in (
        ("hook", averaged, "run/epoch_1.pth"),
        ("no hook", plain, "run/epoch_1.pth"),
        ("last step", plain, "last.pth"),
    ):
        assert evaluate(config, tmp_path / checkpoint, tmp_path / name) == 0
        scores[name] = load(tmp_path / name).score("KNN")
    assert (scores["hook"] == scores["no hook"]).all()
    assert (scores["hook"] != scores["last step"]).any()
