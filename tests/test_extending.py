"""docs/extending.md, run as it is printed: each of one's own files, by the standard tool."""

import json
import re
import sys

import pytest
from paths import ROOT
from PIL import Image
from test_tools.launching import launch

from mmneglabel.cli.testing import run_test

BLOCKS = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", (ROOT / "docs/extending.md").read_text(), re.DOTALL))
NAMES = [name for name in BLOCKS if not name.endswith("_config")]


@pytest.mark.parametrize("name", NAMES)
def test_runs_as_printed(name, tmp_path, monkeypatch, capsys):
    for block in (name, f"{name}_config"):
        (tmp_path / f"{block}.py").write_text(BLOCKS[block])
    (tmp_path / "holidays").mkdir()
    for i in range(3):
        Image.new("RGB", (80, 70), (90 * i, 0, 0)).save(tmp_path / "holidays" / f"{i}.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert launch(run_test, f"{name}_config.py", "--work-dir", "work") == 0, capsys.readouterr().err
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    assert all(0 <= by_set["mean"]["auroc"] <= 1 for score, by_set in metrics.items() if score != "_run")
    if name == "my_miner":
        assert metrics["_run"]["banks"]["NegLabel"]["letters"] == 4


def test_the_page_has_the_five():
    assert NAMES == ["my_score", "my_stream", "my_miner", "my_tower", "my_dataset"]
