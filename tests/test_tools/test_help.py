"""Every tool says what it does and takes."""

import runpy
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
