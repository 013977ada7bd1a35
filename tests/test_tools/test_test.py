"""tools/test.py and tools/save_checkpoint.py as a user runs them."""

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import SimpleNamespace

import mmpretrain
import pytest
from paths import ROOT

from mmneglabel.cli.testing import run_test
from test_tools.launching import launch


def test_prints_the_table_and_writes_metrics(tool, small_config, tmp_path):
    done = tool("test.py", small_config(work_dir=None), "none")
    assert done.returncode == 0, done.stderr
    assert "\n  NegLabel  " in done.stdout
    metrics = json.loads((tmp_path / "work_dirs" / "small" / "metrics.json").read_text())
    assert metrics["NegLabel"].keys() == {"near", "far", "mean"}


def test_two_runs_within_a_second_have_logs_of_their_own(small_config, tmp_path, monkeypatch):
    monkeypatch.setattr("mmengine.runner.runner.time", SimpleNamespace(**vars(time) | {"time": lambda: 1e9}))
    twice = small_config()
    for folder in ("one", "two"):
        assert launch(run_test, twice, "--work-dir", tmp_path / folder) == 0
        (log,) = (tmp_path / folder).glob("*/*.log")
        assert log.read_text().count("Ready to score") == 1


def test_a_mistake_is_one_line_and_exit_code_1(forking, small_config, tmp_path):
    done = forking.run(ROOT / "tools" / "test.py", small_config(**{"model.class_names": ["cat"]}), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: model.class_names gives 1 names")
    assert "Traceback" not in done.stderr


def test_saved_checkpoint_runs_in_both_tools(tool, small_config, tmp_path, environment):
    """MMPretrain's own tools/test.py, unmodified, gives the same metrics as ours."""
    config, checkpoint = small_config(**{"model.backbone.seed": 3}), tmp_path / "model.pth"
    saved = tool("save_checkpoint.py", config, checkpoint)
    assert saved.returncode == 0, saved.stderr
    other_seed = small_config("other.py", **{"model.backbone.seed": 0})
    assert launch(run_test, other_seed, checkpoint, "--work-dir", tmp_path / "ours") == 0
    theirs = Path(mmpretrain.__file__).parent / ".mim" / "tools" / "test.py"
    done = subprocess.run(
        [sys.executable, theirs, other_seed, checkpoint, "--work-dir", tmp_path / "theirs"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = (json.loads((tmp_path / folder / "metrics.json").read_text()) for folder in ("ours", "theirs"))
    assert first == second


@pytest.fixture
def slow_words(tmp_path):
    """A corpus that takes the stand-in a few seconds to encode."""
    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"word {i}" for i in range(30_000)) + "\n")
    return {"model.scores.NegLabel.bank.corpus": str(path)}


def test_kill_while_mining_breaks_nothing(small_config, slow_words, environment, private_cache, tmp_path, capsys):
    config = small_config(**slow_words)
    ours, theirs = os.openpty()  # a bar is for a terminal alone, and one that is some columns wide
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    killed = subprocess.Popen(
        [sys.executable, str(ROOT / "tools" / "test.py"), str(config)],
        cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while b"Encoding prompts" not in said:
        said += os.read(ours, 1024)  # which fails where it ended before it mined
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    os.close(ours)
    assert not list(private_cache.glob("*.safetensors"))
    assert not (tmp_path / "work" / "metrics.json").exists()
    for source in ("; mined in ", "; from the cache, "):
        again = small_config(f"{len(source)}.py", **slow_words)
        assert launch(run_test, again) == 0
        assert source in capsys.readouterr().out


def test_two_that_mine_at_once_do_no_harm(small_config, slow_words, forking, private_cache, tmp_path):
    configs = [small_config(f"{name}.py", work_dir=str(tmp_path / name), **slow_words) for name in "ab"]
    both = forking.run_together(*((ROOT / "tools" / "test.py", config) for config in configs), cwd=tmp_path)
    assert [process.returncode for process in both] == [0, 0]
    assert len(list(private_cache.iterdir())) == 2
    assert (tmp_path / "a" / "metrics.json").read_bytes() == (tmp_path / "b" / "metrics.json").read_bytes()


def test_inspect_shows_words_and_recipe(tool, forking, small_config, private_cache, tmp_path):
    assert launch(run_test, small_config()) == 0
    bank = max(private_cache.iterdir(), key=lambda path: path.stat().st_size)  # the other holds labels alone
    shown = tool("inspect_bank.py", bank, "--words", 3).stdout
    assert "3 labels, 30 negatives (18 nouns, 12 adjectives) by NegMining" in shown
    assert '"method": "NegMining"' in shown
    assert len(re.findall(r"^ +\d\.\d{4}  (?:noun|adj ) ", shown, re.MULTILINE)) == 6
    inspect = ROOT / "tools" / "inspect_bank.py"
    assert "invalid count value: '-3'" in forking.run(inspect, bank, "--words", -3, cwd=tmp_path).stderr
    missing = forking.run(inspect, tmp_path / "gone", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
