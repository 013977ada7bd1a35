"""figures.py, on results laid out as runs leave them."""

import pytest
from small_results import made, shown

from mmneglabel.cli.publishing import run_figures
from mmneglabel.results import FILE
from test_tools.launching import error_line, launch

THREE = {f"groups={n}": {"groups": n} for n in (1, 10, 100)}


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = {
        "one": made(), "single": made(scores=("MCM",)), "streams": made(scores=(), streams=(0,)),
        "ablation": made(scores=tuple(THREE), facts={"scores": THREE}), "seed-0": made(), "seed-1": made(seed=1),
        "words": shown(tmp_path), "empty": made(unreadable=dict.fromkeys(range(40, 80), "broken")),
    }  # fmt: skip
    for name, one in found.items():
        (tmp_path / name).mkdir()
        one.save(tmp_path / name / FILE)
    return tmp_path


def written(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_single_images_where_words_are_told(runs, capsys):
    assert launch(run_figures, "words", "one", "--format", "png") == 0
    assert "words/cases.png" in written(runs / "figures")
    assert "one/cases.png" not in written(runs / "figures")
    assert "one: no single images, as no words are told of 'NegLabel'" in capsys.readouterr().out


def test_figures_of_one_run(runs, capsys):
    assert launch(run_figures, "one", "--format", "pdf", "svg", "--out", "out") == 0
    assert written(runs / "out") == {
        f"{n}.{kind}" for n in ("histograms", "roc", "roc-scores") for kind in ("pdf", "svg")
    }
    out = capsys.readouterr().out
    assert "Written: out/roc.pdf, .svg" in out
    assert "No ablation: no three scores of these runs differ in one number alone" in out


def test_figures_of_several_runs(runs, capsys):
    assert launch(run_figures, "S=seed-*", "../x=ablation", "single", "streams", "--width", "5") == 0
    names = {f"{run}/{name}.pdf" for run in ("S", "-x") for name in ("histograms", "roc", "roc-scores")}
    assert written(runs / "figures") == names | {"single/histograms.pdf", "single/roc.pdf", "ablation-groups.pdf"}
    out = capsys.readouterr().out
    assert "S: histograms and ROC curves are of the first of its runs alone, seed-0" in out
    assert "single: no ROC curves of scores, as there is one alone" in out
    assert "streams: no histograms and ROC curves, as 'AdaNeg (stream)' has no values outside its streams" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gone"], "'gone': no work dirs there"),
        (["a/b=one", "a b=single"], "Figures of two runs would go into one folder of a-b, a-b"),
        (["empty"], "OOD set 'near': none of its 40 images could be read"),
        (["one", "--out", f"one/{FILE}"], "cannot be written"),
    ],
)
def test_mistakes_are_one_line(arguments, says, runs, capsys):
    assert launch(run_figures, *arguments) == 1
    assert says in error_line(capsys)


@pytest.mark.parametrize("width", ["0", "wide", "1e3", "nan"])
def test_a_width_fits_a_page(width, runs, capsys):
    assert launch(run_figures, "one", "--width", width) == 2
    assert "--width" in capsys.readouterr().err
