"""The report as one plain-text table, in percent, made to be read in a log."""

from mmneglabel.evaluation.metrics import METRIC_NAMES
from mmneglabel.evaluation.report import MEAN, OODReport

# ASCII alone: a log file or a terminal in any encoding shows it.
_COLUMNS = {
    "auroc": ("AUROC", "up"),
    "aupr_in": ("AUPR-in", "up"),
    "aupr_out": ("AUPR-out", "up"),
    "fpr95_id_positive": ("FPR95-ID", "down"),
    "fpr95_ood_positive": ("FPR95-OOD", "down"),
}
_FOOTNOTE = (
    "All in percent; up: higher is better, down: lower is better. Scores: higher = more in-distribution.",
    "Positive class: ID in AUROC, AUPR-in and FPR95-ID (NegLabel's FPR95, at the recall nearest to 95 %);",
    "OOD in AUPR-out and FPR95-OOD (OpenOOD's FPR95, at the first recall of 95 % or more).",
)


def format_table(report: OODReport) -> str:
    """Write the report as text: a line on the data, a block per OOD set, group and ``mean``, a footnote.

    Args:
        report: The evaluation; its metrics are computed here if they were not yet.

    Returns:
        Lines joined by newlines, without one at the end. Inside a block there is one row per score.

    Raises:
        DataError: As :attr:`OODReport.metrics`.
    """
    blocks = [*report.ood_sets, *report.groups, MEAN]
    first, second = _width("OOD set", blocks), _width("score", report.score_names)
    names, directions = zip(*(_COLUMNS[metric] for metric in METRIC_NAMES), strict=True)
    rule = "-" * (first + second + 2 + 11 * len(METRIC_NAMES))
    lines = [*_data_lines(report), rule]
    lines += [_row("OOD set", "score", names, first, second), _row("", "", directions, first, second)]
    for block in blocks:
        lines.append(rule)
        for i, score in enumerate(report.score_names):
            values = [f"{100 * report.metrics[score][block][metric]:.2f}" for metric in METRIC_NAMES]
            lines.append(_row("" if i else block, score, values, first, second))
    return "\n".join([*lines, rule, *_FOOTNOTE])


def _data_lines(report: OODReport) -> list[str]:
    accuracy = "unknown (no labels)" if report.id_accuracy is None else f"{100 * report.id_accuracy:.2f} %"
    images = {name: report.counts[name]["images"] for name in report.set_names}
    sets = ", ".join(f"{name} {images[name]}" for name in report.ood_sets)
    total = sum(images[name] for name in report.ood_sets)
    lines = [
        f"ID set:   {report.id_set}, {images[report.id_set]} images, accuracy {accuracy}",
        f"OOD sets: {total} images ({sets})",
    ]
    skipped = {name: report.counts[name]["skipped"] for name in report.set_names if report.counts[name]["skipped"]}
    if skipped:
        where = ", ".join(f"{name} {count}" for name, count in skipped.items())
        lines.append(f"Skipped:  {sum(skipped.values())} unreadable, not counted above ({where})")
    return lines


def _row(block: str, score: str, values: tuple[str, ...] | list[str], first: int, second: int) -> str:
    return f"{block:<{first}}  {score:<{second}}" + "".join(f"{value:>11}" for value in values)


def _width(title: str, names: tuple[str, ...] | list[str]) -> int:
    return max(len(title), *(len(name) for name in names))
