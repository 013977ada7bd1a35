"""The notebooks run, as plain Python, from the top of a checkout."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from paths import ROOT

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path):
    cells = json.loads(path.read_text())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    shutil.copytree(ROOT / "demo", tmp_path / "demo")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MMNEGLABEL_CACHE": str(tmp_path / "cache")}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert run.returncode == 0, run.stderr
    rose, zebra, many = run.stdout.splitlines()[-3:]
    assert rose.startswith("out ")
    assert zebra.startswith("in zebra ")
    assert many.endswith(" plants flagged")
    assert all(not cell.get("outputs") for cell in cells), "clear the outputs before you commit"
