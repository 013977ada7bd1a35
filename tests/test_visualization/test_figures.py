import re
import warnings

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from small_results import HOSTILE, made, runs, shown

from mmneglabel.evaluation import OODReport
from mmneglabel.visualization.ablations import ablations
from mmneglabel.visualization.drawing import save, short, style
from mmneglabel.visualization.figures import (
    draw_ablation,
    draw_cases,
    draw_histograms,
    draw_roc,
    draw_scores,
    telling_cases,
    threshold,
)

MANY = ("id", *HOSTILE, *(f"set {i}" for i in range(14)))


def ablation(values=(0.01, 0.05, 0.2), seeds=1):
    facts = {"scores": {f"ratio={value}": {"ratio": value} for value in values}}
    found = [made(seed=seed, scores=tuple(facts["scores"]), facts=facts) for seed in range(seeds)]
    return ablations([runs("run", *found)])["ratio"]


def shown_cases(folder=None):
    return telling_cases(shown(folder), "NegLabel")


def everything(**more):
    report = OODReport(made(**more))
    score = report.images.score_names[0]
    return {
        "histograms": lambda: draw_histograms(report, score, 3.25),
        "roc": lambda: draw_roc(report, score, 3.25),
        "roc-scores": lambda: draw_scores(report, report.images.score_names, 3.25),
        "ablation": lambda: draw_ablation(ablation(), 3.25),
        "cases": lambda: draw_cases(shown_cases(), 3.25),
    }


def settings():
    """Matplotlib's own; the backend is found when one asks for it."""
    return {name: matplotlib.rcParams[name] for name in matplotlib.rcParams if name != "backend"}


def texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_legends_say_the_auroc_of_the_report():
    report = OODReport(made())
    want = {name: f"{100 * block['auroc']:.2f}" for name, block in report.metrics["NegLabel"].items()}
    assert texts(draw_roc(report, "NegLabel", 3.25)) == [f"{want['near']}  near", f"{want['far']}  far"]
    means = [f"{100 * report.metrics[name]['mean']['auroc']:.2f}  {name}" for name in ("NegLabel", "MCM")]
    assert texts(draw_scores(report, ("NegLabel", "MCM"), 3.25)) == means


def test_a_curve_over_several_sets_has_the_mean_auroc_for_its_area():
    report = OODReport(made())
    (line, *_) = draw_scores(report, ("NegLabel", "MCM"), 3.25).axes[0].lines
    area = np.trapezoid(line.get_ydata(), line.get_xdata())
    assert area == pytest.approx(report.metrics["NegLabel"]["mean"]["auroc"], abs=1e-4)


@pytest.mark.parametrize("score", ["NegLabel", "MCM"])
def test_the_threshold_accepts_what_fpr95_counts(score):
    report = OODReport(made(unreadable={3: "broken", 50: "broken"}))
    for name in report.ood_sets:
        accepted = report.images.values(score, name) >= threshold(report, score, name)
        assert accepted.mean() == report.metrics[score][name]["fpr95_id_positive"]


def test_ablations_show_mean_and_spread():
    (found,) = ablation(seeds=3)
    figure = draw_ablation([found], 3.25)
    for axes, metric in zip(figure.axes, ("auroc", "fpr95_id_positive"), strict=True):
        means = [100 * np.mean([mean for _, mean, _ in found.parts(value, metric)]) for value in found.points]
        np.testing.assert_allclose([*map(float, axes.lines[0].get_ydata())], means)
        assert axes.get_xscale() == "log"
        assert np.ptp(axes.get_ylim()) >= 1 - 1e-9
        assert axes.collections, "bars"
    assert draw_ablation(ablation((0.1, 0.2, 0.3)), 3.25).axes[0].get_xscale() == "linear"
    assert texts(draw_ablation([found, found], 3.25)) == ["ratio=0.01, run"] * 2


@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
@pytest.mark.parametrize("name", ["histograms", "roc", "roc-scores", "ablation"])
def test_the_same_results_give_the_same_bytes(name, kind, tmp_path):
    before = settings()
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True}):
        save(everything()[name], [tmp_path / f"a.{kind}"])
    save(everything()[name], [tmp_path / f"b.{kind}"])
    one, other = ((tmp_path / f"{file}.{kind}").read_bytes() for file in "ab")
    assert one == other
    assert settings() == before
    if kind == "pdf":
        assert b"/FontFile2" in one
        assert b"/Type3" not in one
        assert re.search(rb"/MediaBox \[\s*0 0 234 ", one), "3.25 inches"
        assert b"CreationDate" not in one


@pytest.mark.parametrize("name", ["histograms", "roc", "roc-scores"])
@pytest.mark.parametrize("more", [{"sets": MANY, "scores": HOSTILE}, {"sets": ("id", "near")}], ids=["many", "one"])
def test_nothing_is_clipped(name, more):
    """Of many sets, and names of all kinds: no text leaves the page, or lies on another of its legend."""
    with style():
        figure = everything(**more)[name]()
        (canvas := FigureCanvasAgg(figure)).draw()
    page, renderer = figure.bbox, canvas.get_renderer()
    shown = [text for axes in figure.axes if axes.axison for text in (axes.title, axes._left_title, axes.xaxis.label)]
    shown += [text for legend in figure.legends for text in legend.get_texts()]
    for text in filter(lambda text: text.get_text(), shown):
        box = text.get_window_extent(renderer)
        assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()
    (legend,) = figure.legends
    below = legend.get_window_extent(renderer).y1
    assert all(axes.get_tightbbox(renderer).y0 >= below - 1 for axes in figure.axes if axes.axison)


def test_single_images_stand_beside_their_words(tmp_path):
    cases = shown_cases(tmp_path)
    assert [case.accepted for case in cases[:2]] == [True, False]
    figure = draw_cases(cases, 3.25)
    assert [len(axes.images) for axes in figure.axes] == [1, 0] * len(cases)
    for case, bars in zip(cases, figure.axes[1::2], strict=True):
        assert len(bars.patches) == len(bars.texts) == len(case.shares)
        words = [text.get_text() for text in bars.texts]
        assert words[0].startswith(f"{100 * case.shares[0][2]:.2f} %  {case.shares[0][1][:3]}")
        assert case.class_name(case.images.pred_label)[:3] in bars.get_title("left")


def test_letters_without_a_font_are_warned_of(tmp_path):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        save(everything(sets=("id", "你"))["roc"], [tmp_path / "a.png"])
    assert not found or "Glyph 20320" in str(found[0].message)


def test_short_names_keep_both_ends():
    assert short("near", 3.25, 14) == "near"
    assert short("pictures of a very long name, near", 1.5, 10) == "pictures…e, near"
