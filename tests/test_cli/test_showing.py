"""tools/report.py: from work dirs to a page."""

import pytest
from small_results import shown
from test_tools.launching import error_line, launch

from mmneglabel.cli.showing import run_names, run_report


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two work dirs in the folder that one stands in."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a/seed", "b/seed")):
        shown(seed=seed).save(tmp_path / name / "results.safetensors")
    return ["a/seed", "b/seed/results.safetensors"]


def test_a_page_lies_in_its_work_dir(runs, tmp_path, capsys):
    assert launch(run_report, runs[0], "--resamples", 20) == 0
    assert "<h1>seed</h1>" in (tmp_path / "a/seed/report.html").read_text(encoding="utf-8")
    assert "Written to a/seed/report.html (0." in capsys.readouterr().out


def test_several_are_told_apart_and_lie_here(runs, tmp_path):
    assert launch(run_report, *runs, "--resamples", 20, "--cases", 0, "--no-images") == 0
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1>a/seed, b/seed</h1>" in html
    assert "<article>" not in html.split("beside a/seed</h2>")[1].split("<h2")[1]


def test_out(runs, tmp_path):
    assert launch(run_report, runs[1], "--resamples", 20, "--out", "there/page.html") == 0
    assert (tmp_path / "there/page.html").is_file()


def test_out_at_home(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert launch(run_report, runs[0], "--resamples", 20, "--out=~/page.html") == 0
    assert (tmp_path / "home" / "page.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["c"], "error: No readable results at 'c'"),
        (["a/seed", "a/../a/seed/results.safetensors"], "is given twice: name each run once"),
        (["a/seed", "--out", "b/seed/results.safetensors/x.html"], "cannot be written"),
        (["a/seed", "--out", "b/seed/results.safetensors"], "would take the place of results"),
    ],
)
def test_what_cannot_be_shown_is_one_line(runs, arguments, says, capsys):
    assert launch(run_report, *arguments, "--resamples", 20) == 1
    assert says in error_line(capsys)


def test_names(tmp_path):
    assert run_names(["x/a/1", "x/b/1"]) == ["a/1", "b/1"]
    assert run_names(["x/a", "x/b"]) == ["a", "b"]
    assert run_names(["work_dirs/a/results.safetensors"]) == ["a"]
