"""Tables in every format: their numbers are the reports', and no name breaks one."""

import csv
import io
import json
import re
import shutil
import subprocess

import pytest
from small_results import HOSTILE, made, runs

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation import METRIC_NAMES, OODReport
from mmneglabel.visualization.formats import as_csv, as_json, as_latex, as_markdown, as_text
from mmneglabel.visualization.tables import select, tidy

TEXT = {"text": as_text, "markdown": as_markdown, "latex": as_latex}
NUMBER = re.compile(r"\d+\.\d\d")
TEX = next((name for name in ("pdflatex", "tectonic") if shutil.which(name)), None)
MARKS = str.maketrans("", "", "*{}")


def body(text):
    """The lines of a table below its head, without marks of the best."""
    rows = re.split(
        r"\\midrule|-: \|\n|FPR95-ID ↓\n", text.partition("\n\n")[0].partition(r"\bottomrule")[0], maxsplit=1
    )[1]
    return [line.replace(r"\textbf", "").translate(MARKS) for line in rows.splitlines() if NUMBER.search(line)]


def expected(report, sets, metrics=("auroc", "fpr95_id_positive")):
    return [
        [f"{100 * blocks[name][metric]:.2f}" for name in sets for metric in metrics]
        for blocks in report.metrics.values()
    ]


@pytest.mark.parametrize("form", TEXT)
def test_numbers_are_the_reports(form):
    found = made()
    text = TEXT[form](select([runs("run", found)]))
    want = expected(OODReport(found), ("near", "far", "mean"))
    assert [NUMBER.findall(line) for line in body(text)] == want
    transposed = TEXT[form](select([runs("run", found)]), transposed=True)
    assert [NUMBER.findall(line) for line in body(transposed)] == [
        [number for row in want for number in row[i : i + 2]] for i in (0, 2, 4)
    ]
    for said in ("FPR95-ID: ID is the positive class", "ID accuracy"):
        assert said in text


def test_tidy_lines_are_fractions():
    found, streamed = made(), made(streams=(0, 1))
    cells = select([runs("A", found), runs('B, "two"', streamed)], metrics=METRIC_NAMES)
    lines = json.loads(as_json(cells))
    assert lines == tidy(cells)
    for line in lines:
        blocks = OODReport(found if line["run"] == "A" else streamed).metrics[line["score"]]
        assert {name: line[name] for name in METRIC_NAMES} == {n: blocks[line["set"]][n] for n in METRIC_NAMES}
        assert line["auroc_sd"] == blocks[line["set"]].get("auroc_sd")
    assert [line["streams"] for line in lines if line["score"] == "AdaNeg (stream)"] == [2, 2, 2]
    for line, told in zip(csv.DictReader(io.StringIO(as_csv(cells))), lines, strict=True):
        for name, value in told.items():
            assert line[name] == ("" if value is None else value if isinstance(value, str) else str(value))
            if name in METRIC_NAMES:
                assert float(line[name]) == value


def test_several_seeds_have_a_mean_and_a_deviation():
    several = runs("A", *(made(seed=seed) for seed in range(3)))
    (line,) = tidy(select([several], ["MCM"], ["mean"]))
    text = as_text(select([several], ["MCM"], ["mean"]))
    assert f"{100 * line['auroc']:.2f}  ± {100 * line['auroc_sd']:.2f}" in text
    assert line["runs"] == 3
    assert "mean ± standard deviation over 3 runs; ID accuracy" in text
    assert r" $\pm$ " in as_latex(select([several]))


def test_the_best_is_marked_but_no_stream():
    found = made(streams=(0, 1), scores=("MCM", "NegLabel"))
    report = OODReport(found)
    cells = select([runs("run", found)])
    for line in as_latex(cells).splitlines():
        if "stream" in line and line.endswith(r"\\"):
            assert "textbf" not in line
    better = max(("MCM", "NegLabel"), key=lambda name: report.metrics[name]["near"]["auroc"])
    assert rf"\textbf{{{100 * report.metrics[better]['near']['auroc']:.2f}}}" in as_latex(cells)
    rows = [line for line in as_latex(cells).splitlines() if line == r"\midrule" or line.endswith(r"\\")]
    assert rows.index(r"\midrule", 3) == len(rows) - 2
    assert "AdaNeg (stream) of run: shuffled, batches of 16, mean ± standard deviation over 2 streams" in as_text(cells)
    assert "textbf" not in as_latex(select([runs("run", made(scores=("MCM",)))]))


def test_runs_stand_side_by_side():
    one, other = made(), made(seed=1, scores=("MCM", "KNN"), sets=("id", "near"), labels=False)
    cells = select([runs("A", one), runs("B", other)])
    assert [(score, run.name) for score, run in cells.methods] == [
        ("NegLabel", "A"), ("MCM", "A"), ("MCM", "B"), ("KNN", "B"),
    ]  # fmt: skip
    text = as_text(cells)
    assert [line.split()[:2] for line in body(text)] == [["NegLabel", "A"], ["MCM", "A"], ["MCM", "B"], ["KNN", "B"]]
    assert body(text)[-1].count("–") == 2
    assert "A: ID accuracy" in text
    assert "B: ID accuracy" not in text
    assert len(tidy(cells)) == 2 * 3 + 2 * 2


def test_what_is_wrong_with_the_images_is_said():
    text = as_text(select([runs("A", made()), runs("B", made(unreadable={53: "broken"}))]))
    assert "B: 1 unreadable images are not counted." in text
    assert "Do not compare A with B: they have 40 and 39 images of 'near'." in text


def test_one_set_needs_no_mean():
    assert select([runs("run", made(sets=("id", "near")))]).sets == ["near"]
    grouped = made(groups={"all": ("near", "far")})
    assert [line["set"] for line in tidy(select([runs("run", grouped)], ["MCM"], ["all", "mean"]))] == ["all", "mean"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"scores": ["NegLable"]}, "No score 'NegLable' in these results; did you mean 'NegLabel'?"),
        ({"sets": ["nearr"]}, "No set 'nearr' in these results; did you mean 'near'"),
        ({"sets": ["id"]}, "No set 'id' in these results; known: far, mean, near"),
        ({"metrics": ["fpr95_id"]}, "No metric 'fpr95_id' in these results; did you mean 'fpr95_id_positive'"),
    ],
)
def test_unknown_names_are_one_line(asked, says):
    with pytest.raises(ConfigError) as error:
        select([runs()], **asked)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("form", TEXT)
def test_no_name_breaks_a_table(form):
    found = made(scores=HOSTILE, sets=("id", *HOSTILE, "你好"), streams=(0,))
    for transposed in (False, True):
        text = TEXT[form](select([runs("a&b|c", found), runs("_", found)]), transposed)
        columns = {"markdown": r"(?<!\\)\|", "latex": r"(?<!\\)&", "text": None}[form]
        if columns:
            rows = [line for line in text.splitlines() if line.startswith("| ") or line.endswith(r" \\")]
            rows = [line for line in rows if r"\multicolumn" not in line]
            assert len({len(re.findall(columns, line)) for line in rows}) == 1
    if form == "latex":
        assert "% pdfLaTeX lacks letters" in text


@pytest.mark.skipif(TEX is None, reason="neither pdflatex nor tectonic is here")
@pytest.mark.parametrize("transposed", [False, True], ids=["sets", "methods"])
def test_latex_compiles(transposed, tmp_path):
    found = made(scores=HOSTILE, sets=("id", *HOSTILE), streams=(0, 1))
    table = as_latex(select([runs("a", found, found), runs("[b]", found)]), transposed, "a command\nin two lines")
    preamble = r"\documentclass[twocolumn]{article}\usepackage{booktabs,graphicx}"
    text = f"{preamble}\n\\begin{{document}}\n{table}\n\\end{{document}}\n"
    (tmp_path / "table.tex").write_text(text, encoding="utf-8")
    options = ["-interaction=nonstopmode", "-halt-on-error"] if TEX == "pdflatex" else []
    done = subprocess.run([TEX, *options, "table.tex"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "table.pdf").is_file()
