"""Figures for a paper, in the width of a column: histograms, ROC curves, and metrics over a setting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.report import MEAN
from mmneglabel.evaluation.runs import pooled
from mmneglabel.evaluation.table import COLUMNS
from mmneglabel.results import Results
from mmneglabel.visualization.ablations import Ablation
from mmneglabel.visualization.cases import Case, choose_cases, usual_threshold
from mmneglabel.visualization.charts import bar_length
from mmneglabel.visualization.curves import Curve, Histogram, histogram, roc
from mmneglabel.visualization.drawing import COLOURS, DASHES, legend_below, line_styles, new_figure, scale, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST_SPAN = 1
"""Points that an axis spans at least: less is noise, and would look like much."""
_FILL = "#BBBBBB"
_PIXELS = 300
"""On an edge of a single picture."""
_ROWS = 8
"""Histograms below one another, before they stand in two columns."""


def draw_histograms(report: OODReport, score: str, width: float) -> "Figure":
    """The ID set's images by their score, against each OOD set's in a panel of its own.

    A line is where FPR95 with ID as the positive class was read.

    Args:
        report: of the run.
        score: no stream.
        width: in inches.
    """
    found, names = histogram(report.images, score), report.ood_sets
    columns = 1 if len(names) <= _ROWS else 2
    rows = -(-len(names) // columns)
    figure = new_figure(width, 0.55 + 0.55 * rows)
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False)
    for axes, name in zip(panels.T.flat, names, strict=False):
        _panel(axes, found, report, score, name, width / columns)
    for axes in panels.T.flat[len(names) :]:
        axes.set_axis_off()
    for axes in panels[-1]:
        axes.set_xlabel(f"{short(score, width / columns, 13)}{' (log-odds)' if found.is_share else ''}")
    figure.supylabel("share of images", fontsize=8)
    legend_below(figure, *zip(*_kinds(panels[0, 0], report.id_set, width), strict=True), columns=3)
    return figure


def _kinds(axes: "Axes", id_set: str, width: float) -> list[tuple[object, str]]:
    """What is drawn in each panel."""
    filled, line = axes.patches
    return [(filled, f"ID: {short(id_set, width, 41)}"), (line, "OOD set"), (axes.lines[0], "FPR95-ID")]


def _panel(axes: "Axes", found: Histogram, report: OODReport, score: str, name: str, width: float) -> None:
    """One OOD set's images beside the ID set's, and above them how many are accepted."""
    axes.stairs(found.shares[report.id_set], found.edges, fill=True, color=_FILL)
    axes.stairs(found.shares[name], found.edges, color=COLOURS[2], linewidth=1)
    axes.axvline(threshold(report, score, name), color=COLOURS[1], linestyle=DASHES[1], linewidth=0.9)
    fpr = report.metrics[score][name]["fpr95_id_positive"]
    axes.set_title(f"{100 * fpr:.1f} % of {short(name, width, 14)}", loc="left", pad=2)
    axes.set_yticks([])
    axes.set_xlim(found.edges[0], found.edges[-1])


def threshold(report: OODReport, score: str, name: str) -> float:
    """Where ``fpr95_id_positive`` was read, on the scale of histograms: the least value that is accepted."""
    images, sides = report.images, (report.id_set, name)
    values, scores = (np.concatenate([of(score, side) for side in sides]) for of in (images.values, images.score))
    return float(values[scores >= report.thresholds[score][name]["fpr95_id_positive"]].min())


def draw_roc(report: OODReport, score: str, width: float) -> "Figure":
    """The ROC curve of one score on each OOD set; AUROC in the legend."""
    known = report.images.score(score, report.id_set)
    curves = [
        (f"{_auroc(report, score, name)}  {short(name, width, 21)}", roc(known, report.images.score(score, name)))
        for name in report.ood_sets
    ]
    return _rocs(curves, width, "OOD images accepted", f"AUROC of {short(score, width, 18)}, percent")


def draw_scores(report: OODReport, scores: Sequence[str], width: float) -> "Figure":
    """The ROC curve of each score, at each threshold the mean over all OOD sets; mean AUROC in the legend."""
    of_sets = {score: [report.images.score(score, name) for name in report.images.set_names] for score in scores}
    curves = [
        (f"{_auroc(report, score, MEAN)}  {short(score, width, 21)}", roc(*found)) for score, found in of_sets.items()
    ]
    return _rocs(curves, width, "OOD images accepted, mean over sets", "mean AUROC, percent")


def _auroc(report: OODReport, score: str, block: str) -> str:
    return f"{100 * report.metrics[score][block]['auroc']:.2f}"


def _rocs(curves: Sequence[tuple[str, Curve]], width: float, accepted: str, title: str) -> "Figure":
    """Curves in the unit square, above a legend."""
    labels = [label for label, _ in curves]
    columns = 2 if len(curves) > 2 and max(map(len, labels)) < 7 * width else 1
    figure = new_figure(width, width * 0.85 + 0.16 * (2 - (-len(curves) // columns)))
    axes = figure.subplots()
    lines = [
        axes.plot(curve.x, curve.y, color=colour, linestyle=dashes)[0]
        for (_, curve), (colour, dashes) in zip(curves, line_styles(len(curves)), strict=True)
    ]
    axes.set(xlabel=accepted, ylabel="ID images accepted", xlim=(-0.01, 1), ylim=(0, 1.01))
    legend_below(figure, lines, labels, columns, title)
    return figure


def draw_ablation(ablations: Sequence[Ablation], width: float) -> "Figure":
    """Mean AUROC and FPR95 (ID positive) over a setting, with the spread over runs and seeds; a line an ablation."""
    figure = new_figure(width, 2.9 + (0.16 * (1 + len(ablations)) if len(ablations) > 1 else 0))
    panels = figure.subplots(2, 1, sharex=True)
    for axes, metric in zip(panels, ("auroc", "fpr95_id_positive"), strict=True):
        lines = [
            _over(axes, ablation, metric, *line)
            for ablation, line in zip(ablations, line_styles(len(ablations)), strict=True)
        ]
        axes.set_ylabel(f"mean {COLUMNS[metric][0]}, %")
        low, high = axes.get_ylim()
        rest = max(0, _LEAST_SPAN - (high - low)) / 2
        axes.set_ylim(low - rest, high + rest)
    values = np.unique([value for ablation in ablations for value in ablation.points])
    panels[-1].set_xlabel(ablations[0].key)
    scale(panels[-1], values)
    if len(ablations) > 1:
        names = [ablation.name for ablation in ablations]
        if len({*names}) < len(names):
            names = [f"{ablation.name}, {ablation.runs}" for ablation in ablations]
        legend_below(figure, lines, [short(name, width, 14) for name in names], 1)
    return figure


def _over(axes: "Axes", ablation: Ablation, metric: str, colour: str, dashes: object) -> object:
    """One line, and how far its points spread."""
    numbers = [pooled(ablation.parts(value, metric)) for value in ablation.points]
    means, spreads = ([100 * (value or 0) for value in side] for side in list(zip(*numbers, strict=True))[:2])
    style = {"color": colour, "linestyle": dashes, "marker": "o", "markersize": 3}
    return axes.errorbar([*ablation.points], means, spreads if any(spreads) else None, capsize=2, **style)


def telling_cases(images: Results, score: str) -> list[Case]:
    """The surest mistake of either kind, the image nearest to the threshold, a usual ID image; those that there are.

    Args:
        images: What was found of every image.
        score: no stream.
    """
    threshold, _ = usual_threshold(images, score)
    return [case for group in choose_cases(images, score, threshold, 4) for case in group.cases]


def draw_cases(cases: Sequence[Case], width: float) -> "Figure":
    """Single images, and beside each the words that speak for a class and against all of them, as NegLabel's figure.

    Bars are shares of the softmax, on a logarithmic scale from 0.01 % on.
    """
    figure = new_figure(width, 0.3 + 1.15 * len(cases))
    for row, case in zip(figure.subplots(len(cases), 2, squeeze=False, width_ratios=(1, 2.4)), cases, strict=True):
        _case(*row, case, width)
    return figure


def _case(picture: "Axes", bars: "Axes", case: Case, width: float) -> None:
    """A picture, where it is to be had, what it is and was taken for; and a bar a word."""
    for axes in (picture, bars):
        axes.set_axis_off()
    if (image := case.picture(_PIXELS)) is not None:
        picture.imshow(image)
    decided = f"{'passes' if case.accepted else 'refused'} ({case.value:.3g})"
    true = case.class_name(case.images.gt_label) or ("ID" if case.is_id else "OOD")
    picture.set_title(f"{short(case.set_name, width / 3, 0)}\n{short(true, width / 3, 0)}", pad=2)
    taken = case.class_name(case.images.pred_label)
    bars.set_title(f"{decided}{': ' if taken else ''}{short(taken, width / 2, len(decided))}", loc="left", pad=2)
    for place, (kind, word, share) in enumerate(case.shares):
        bars.barh(-place, bar_length(share), 0.7, color=COLOURS[2 if kind == "for" else 1])
        said = f"{100 * share:.2f}" if bar_length(share) else "<0.01"
        bars.text(1.03, -place, f"{said} %  {short(word, width * 0.4, 8)}", va="center")
    bars.set(xlim=(0, 3), ylim=(-9.6, 0.6))
