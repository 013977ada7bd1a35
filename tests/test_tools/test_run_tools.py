"""compare_runs.py and plot_curves.py, on results laid out as runs leave them."""

import json
import runpy
import sys

import pytest
from paths import ROOT
from PIL import Image


@pytest.fixture
def run(monkeypatch, capsys):
    def call(tool, *arguments):
        monkeypatch.syspath_prepend(ROOT / "tools")
        monkeypatch.setattr(sys, "argv", [tool, *map(str, arguments)])
        runpy.run_path(str(ROOT / "tools" / tool), run_name="__main__")
        return capsys.readouterr().out

    return call


@pytest.fixture
def runs(tmp_path):
    """Two runs of one setting and one of another, which has another score too."""
    for name, auroc, accuracy in (("a-0", 0.5, 0.9), ("a-1", 0.7, 0.8), ("b-0", 0.4, 0.7)):
        mean = {"auroc": auroc, "fpr95_id_positive": 1 - auroc, "id_accuracy": accuracy}
        scores = {"MSP": {"near": {"auroc": auroc / 2}, "mean": mean}, "_run": {"words": "ours"}}
        if name == "b-0":
            scores["KNN"] = scores["MSP"]
        curves = tmp_path / name / "time" / "vis_data"
        curves.mkdir(parents=True)
        (tmp_path / name / "metrics.json").write_text(json.dumps(scores))
        lines = [{"loss": 1 / step, "step": step} for step in (1, 2, 4)]
        (curves / "scalars.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def test_mean_and_standard_deviation(run, runs):
    printed = run("compare_runs.py", f"A={runs}/a-*", f"B={runs}/b-*", "--sets", "near", "mean")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("| ")]
    assert rows == [
        ["score", "run", "near", "mean"],
        ["MSP", "A", "30.0 ± 7.1", "60.0 ± 14.1"],
        ["MSP", "B", "20.0", "40.0"],
        ["KNN", "B", "20.0", "40.0"],
    ]
    assert "ID accuracy, A: 85.0 ± 7.1 % over 2 runs" in printed


def test_another_metric(run, runs):
    assert "60.0" in run("compare_runs.py", f"B={runs}/b-*", "--metric", "fpr95_id_positive")


def test_curves_are_drawn(run, runs):
    out = runs / "curves.png"
    run("plot_curves.py", f"A={runs}/a-*", f"B={runs}/b-*", "--out", out)
    with Image.open(out) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 10  # lines on a page, not a blank one


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("compare_runs.py", ["A={}/c-*"], "no work dirs there"),
        ("compare_runs.py", ["{}/a-*"], "write NAME="),
        ("compare_runs.py", ["A={}/a-*", "--sets", "nearr"], "did you mean 'near'"),
        ("compare_runs.py", ["A={}/a-0/*"], "metrics.json cannot be read"),
        ("plot_curves.py", ["A={}/a-*", "--keys", "los"], "nobody logged 'los'"),
        ("plot_curves.py", ["A={}/a-0/*"], "give the work dir of a training"),
    ],
)
def test_mistakes(run, runs, tool, arguments, says):
    with pytest.raises(SystemExit, match="error: ") as stop:
        run(tool, *(argument.format(runs) for argument in arguments))
    assert says in str(stop.value)
