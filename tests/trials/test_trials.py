"""Every trial of the tables beside this file: exit code, the one line, and nothing half-written."""

import logging
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest

from mmneglabel.engine.launch import add_launcher, one_line_errors
from mmneglabel.engine.testing import add_arguments, run_rescore, run_test
from trials.trial import lay_out, placed

TABLES = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "trial", "test_trials")
)
TRIALS = [(table, trial) for table in TABLES for trial in import_module(f"trials.{table}").TRIALS]
TOOLS = {"test": run_test, "rescore": run_rescore}


def run_tool(tool, *command):
    """What a tool does with this command line, in this process; returns the exit code."""
    parser = ArgumentParser()
    add_arguments(parser)
    add_launcher(parser)
    parser.set_defaults(save_features=False)
    try:
        args = parser.parse_args([*map(str, command)])
    except SystemExit as stop:
        return stop.code
    return one_line_errors(lambda: TOOLS[tool](args))


@pytest.mark.parametrize("trial", [pytest.param(trial, id=f"{table}-{trial.name}") for table, trial in TRIALS])
def test_trial(trial, small_config, tmp_path, capfd, caplog, monkeypatch):
    standing = tmp_path / "standing"
    standing.mkdir()
    lay_out(trial, tmp_path)
    monkeypatch.chdir(standing)
    for name, value in trial.environment.items():
        monkeypatch.setenv(name, value)
    config = small_config(**placed(dict(trial.config), tmp_path))
    with caplog.at_level(logging.INFO):
        code = run_tool(trial.tool, config, *placed(trial.command, tmp_path))
    captured = capfd.readouterr()
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert code == trial.code, (captured.err, captured.out)
    assert len(errors) == (1 if code else 0)
    for said in placed([trial.says] if isinstance(trial.says, str) else trial.says, tmp_path):
        if code:
            assert said in errors[0]
        else:
            assert sum(said in line for line in (captured.out + captured.err).splitlines()) == 1, captured.err
    assert (tmp_path / "work" / "metrics.json").is_file() == (code == 0)
