"""compare_runs.py, on results laid out as runs leave them."""

import json

import pytest

from mmneglabel.errors import NegLabelError
from test_tools.loading import run_tool


@pytest.fixture
def run(capsys):
    def call(*arguments):
        run_tool("compare_runs", *arguments)
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
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text(json.dumps(scores))
    return tmp_path


def test_mean_and_standard_deviation(run, runs):
    printed = run(f"A={runs}/a-*", f"B={runs}/b-*", "--sets", "near", "mean")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("| ")]
    assert rows == [
        ["score", "run", "near", "mean"],
        ["MSP", "A", "30.0 ± 7.1", "60.0 ± 14.1"],
        ["MSP", "B", "20.0", "40.0"],
        ["KNN", "B", "20.0", "40.0"],
    ]
    assert "ID accuracy, A: 85.0 ± 7.1 % over 2 runs" in printed


def test_another_metric(run, runs):
    assert "60.0" in run(f"B={runs}/b-*", "--metric", "fpr95_id_positive")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["A={}/c-*"], "no work dirs there"),
        (["{}/a-*"], "write NAME="),
        (["A={}/a-*", "--sets", "nearr"], "did you mean 'near'"),
        (["A={}/a-*", "--metric", "auc"], "did you mean 'auroc'"),
        (["A={}/a-0/*"], "metrics.json cannot be read"),
    ],
)
def test_mistakes(run, runs, arguments, says):
    with pytest.raises(NegLabelError, match=says):
        run(*(argument.format(runs) for argument in arguments))
