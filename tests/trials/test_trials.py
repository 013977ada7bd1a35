"""Every trial of the tables beside this file: exit code, the one line, and nothing half-written."""

import logging
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from small_posthoc import write_small_posthoc
from test_tools.launching import launch
from training_stand_in import write_training_config

from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.cli.training import run_train
from trials.trial import lay_out, placed

TABLES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "trial", "test_trials")
)
TRIALS = [(table, trial) for table in TABLES for trial in import_module(f"trials.{table}").TRIALS]
# What a tool takes, what it does, and what lies in the work dir when all went well.
TOOLS = {
    "test": (run_test, "metrics.json"),
    "rescore": (run_rescore, "metrics.json"),
    "train": (run_train, "epoch_1.pth"),
}


@pytest.fixture
def write_config(small_config, pictures, tmp_path):
    """A function from a base and changes to the path of the config."""

    def write(base, changes):
        if base == "zero-shot":
            return small_config(**changes)
        own = {"work_dir": str(tmp_path / "work"), "experiment_name": uuid4().hex}
        if base == "posthoc":
            return write_small_posthoc(tmp_path / "small.py", pictures, **own, **changes)
        short = {"train_cfg.max_epochs": 1, "visualizer.vis_backends": [], **changes}
        return write_training_config(tmp_path / "small.py", pictures, **own, **short)

    return write


@pytest.mark.parametrize("trial", [pytest.param(trial, id=f"{table}-{trial.name}") for table, trial in TRIALS])
def test_trial(trial, write_config, tmp_path, capfd, caplog, monkeypatch):
    standing = tmp_path / "standing"
    standing.mkdir()
    lay_out(trial, tmp_path)
    monkeypatch.chdir(standing)
    for name, value in trial.environment.items():
        monkeypatch.setenv(name, value)
    config = write_config(trial.base, placed(dict(trial.config), tmp_path))
    with caplog.at_level(logging.INFO):
        code = launch(TOOLS[trial.tool][0], config, *placed(trial.command, tmp_path))
    captured = capfd.readouterr()
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert code == trial.code, (captured.err, captured.out)
    assert len(errors) == (1 if code else 0)
    for said in placed([trial.says] if isinstance(trial.says, str) else trial.says, tmp_path):
        if code:
            assert said in errors[0]
        else:
            assert sum(said in line for line in (captured.out + captured.err).splitlines()) == 1, captured.err
    assert (tmp_path / "work" / TOOLS[trial.tool][1]).is_file() == (code == 0)
