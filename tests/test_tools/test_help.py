"""Every tool says what it does and takes."""

import runpy
import subprocess
import sys

import pytest
from paths import ROOT

TOOLS = sorted(
    [
        *ROOT.glob("tools/[!_]*.py"),
        *(ROOT / f"demo/make/{n}.py" for n in ("fetch_art", "render_art", "build_pictures", "train")),
    ]
)


@pytest.mark.parametrize("path", TOOLS, ids=lambda path: path.stem)
def test_help(path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(path.parent)
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(path), run_name="__main__")
    assert stop.value.code == 0
    assert "usage: " in capsys.readouterr().out


HELP = """
import runpy, sys
sys.argv = [sys.argv[1], "--help"]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(sorted({"mmengine", "mmneglabel", "numpy", "torch"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", ["evaluate", "rescore", "save_checkpoint", "test", "train"])
def test_help_waits_for_no_import(name):
    command = [sys.executable, "-c", HELP, str(ROOT / "tools" / f"{name}.py")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith("\n[]\n")
