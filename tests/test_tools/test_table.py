"""table.py, on results laid out as runs leave them."""

import json
import runpy

import pytest
from paths import ROOT
from small_results import made

from mmneglabel.cli.publishing import run_table
from mmneglabel.evaluation import OODReport
from mmneglabel.results import FILE
from test_tools.launching import error_line, launch


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs of one setting, one of another with another score, an empty folder, and a run of other images."""
    monkeypatch.chdir(tmp_path)
    found = {
        "a-0": made(), "a-1": made(seed=1), "b-0": made(scores=("NegLabel", "KNN")), "c-0": None,
        "c-1": made(images=30), "lr=0.1": made(), "deep/a-0": made(),
    }  # fmt: skip
    for name, one in found.items():
        (tmp_path / name).mkdir(parents=True)
        if one:
            one.save(tmp_path / name / FILE)
    return found


def test_runs_side_by_side(runs, capsys):
    assert launch(run_table, "A=a-*", "b-0", "--sets", "near", "mean", "--format", "json") == 0
    lines = json.loads(capsys.readouterr().out)
    assert [(one["score"], one["run"], one["set"], one["runs"]) for one in lines] == [
        (score, run, block, count)
        for score, run, count in (("NegLabel", "A", 2), ("NegLabel", "b-0", 1), ("MCM", "A", 2), ("KNN", "b-0", 1))
        for block in ("near", "mean")
    ]
    values = [OODReport(runs[name]).metrics["MCM"]["mean"]["auroc"] for name in ("a-0", "a-1")]
    assert lines[5]["auroc"] == pytest.approx(sum(values) / 2)
    assert lines[5]["auroc_sd"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)


@pytest.mark.parametrize("run", ["a-0", f"a-0/{FILE}", "lr=0.1", "A=lr=0.1"])
def test_ways_to_name_a_run(run, runs, capsys):
    assert launch(run_table, run, "--metrics", "fpr95_ood_positive", "--format", "markdown") == 0
    mean = OODReport(runs["a-0"]).metrics["MCM"]["mean"]["fpr95_ood_positive"]
    out = capsys.readouterr().out
    assert f"{100 * mean:.2f}" in out
    assert "OOD is the positive class" in out


def test_out_is_what_is_printed(runs, tmp_path, capsys):
    for form in ("text", "markdown", "latex", "csv", "json"):
        assert launch(run_table, "a-0", "--format", form, "--layout", "methods") == 0
        printed = capsys.readouterr().out
        assert launch(run_table, "a-0", "--format", form, "--layout", "methods", "--out", "new/table") == 0
        assert capsys.readouterr().out == "Written to new/table\n"
        written = (tmp_path / "new/table").read_text()
        assert written.replace(" --out new/table", "") == printed
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["table"]
    assert launch(run_table, "a-0", "--format", "latex") == 0
    assert capsys.readouterr().out.startswith("% python -m mmneglabel table a-0 --format latex\n")


BAD = {
    "nothing there": (["gone"], "'gone': no work dirs there; write a work dir, or NAME='work_dirs/pattern-*'"),
    "a pattern that nothing matches": (["A=gone-*"], "'A=gone-*': no work dirs there"),
    "a pattern without a name": (["a-*"], "'a-*': no work dirs there"),
    "a name without a pattern": (["A="], "'A=': no work dirs there"),
    "nobody's home": (["A=~nobody-at-all/a"], "no such user's home folder"),
    "no results": (["c-0"], "No readable results at 'c-0/results.safetensors'"),
    "one of several without results": (["A=c-*"], "No readable results at 'c-0/results.safetensors'"),
    "no results file": (["table.txt"], "'table.txt' holds no results"),
    "runs of other images": (
        ["A=[ac]-1"],
        "a-1 and c-1 would be averaged, and differ in more than seeds: 40 and 30 im",
    ),
    "runs of other scores": (["A=[ab]-0"], "scores NegLabel, MCM and NegLabel, KNN"),
    "one name twice": (["A=a-0", "A=a-1"], "Two runs are called 'A': write NAME=PATH"),
    "one folder's name twice": (["a-0", "deep/a-0"], "Two runs are called 'a-0'"),
    "no such score": (["a-0", "--scores", "MCN"], "No score 'MCN' in these results; did you mean 'MCM'"),
    "no such set": (["a-0", "--sets", "nearr"], "No set 'nearr' in these results; did you mean 'near'"),
    "no such metric": (["a-0", "--metrics", "auc"], "No metric 'auc' in these results; did you mean 'auroc'"),
    "a folder in the way": (["a-0", "--out", "c-0"], "c-0 cannot be written"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD)
def test_mistakes_are_one_line(arguments, says, runs, tmp_path, capsys):
    (tmp_path / "table.txt").write_text("text")
    assert launch(run_table, *arguments) == 1
    assert says in error_line(capsys)


def test_the_command_is_what_the_shell_read():
    parse_args = runpy.run_path(str(ROOT / "tools/table.py"))["parse_args"]
    assert parse_args(["A=b *", "--format", "latex"]).command == "python -m mmneglabel table 'A=b *' --format latex"
