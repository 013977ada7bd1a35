"""The report as one plain-text table, in percent, made for a console of 80 columns."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from mmneglabel.evaluation.metrics import METRIC_NAMES
from mmneglabel.evaluation.report import MEAN, OODReport

# ASCII alone: a log file or a terminal in any encoding shows it.
COLUMNS = {
    "auroc": ("AUROC", "up"),
    "aupr_in": ("AUPR-in", "up"),
    "aupr_out": ("AUPR-out", "up"),
    "fpr95_id_positive": ("FPR95-ID", "down"),
    "fpr95_ood_positive": ("FPR95-OOD", "down"),
}
"""Metric -> its title, and where better values lie."""

TITLES = {
    "auroc": "AUROC",
    "fpr95_id_positive": "FPR95, ID positive",
    "fpr95_ood_positive": "FPR95, OOD positive",
    "aupr_in": "AUPR-in",
    "aupr_out": "AUPR-out",
}
"""What the metrics are called where there is room, in the order in which they are read."""

LOWER_IS_BETTER = frozenset(metric for metric, (_, better) in COLUMNS.items() if better == "down")
"""The metrics of which less is better."""

_READ_AT = ("fpr95_id_positive", "fpr95_ood_positive")
_WIDTH = 80
_CELLS = tuple(len(title) + 2 for title, _ in COLUMNS.values())  # a mark, and a blank before
_RANGES = (27, 27)
_RULE = "-" * _WIDTH
_FOOTNOTE = (
    "All in percent; up: higher is better, down: lower is better; *: the best of",
    "its column. Scores: higher = more in-distribution. Positive class: ID in",
    "AUROC, AUPR-in and FPR95-ID (NegLabel's FPR95, at the recall nearest to 95 %);",
    "OOD in AUPR-out and FPR95-OOD (OpenOOD's FPR95, at the first recall of 95 % or",
    "more).",
)


def format_table(report: OODReport) -> str:
    """Write the report as text: lines on the data, the mean, the groups, the OOD sets, a footnote, thresholds.

    Returns:
        Lines of at most 80 columns, but for names that are longer, joined by newlines, without one at the end. Inside
        a block there is one row per score.
    """
    groups = report.images.groups
    titles = {MEAN: f"{MEAN} of {len(report.ood_sets)} OOD sets"} if len(report.ood_sets) > 1 else {MEAN: MEAN}
    titles |= {name: f"{name}: {MEAN} of {', '.join(members)}" for name, members in groups.items()}
    lines = [*_data_lines(report), _RULE]
    lines += [line for cells in zip(*COLUMNS.values(), strict=True) for line in _row("", cells)]
    for block in (MEAN, *groups, *report.ood_sets):
        lines += [_RULE, *textwrap.wrap(titles.get(block, block), _WIDTH, break_long_words=False)]
        lines += _block(report, block)
    lines += [_RULE, *_FOOTNOTE]
    lines += [_RULE, *textwrap.wrap(stream_note(report), _WIDTH)] if report.images.streams else []
    lines += [_RULE, *_thresholds(report)] if report.thresholds else []
    return "\n".join(lines)


def _data_lines(report: OODReport) -> list[str]:
    accuracy = "unknown (no labels)" if report.id_accuracy is None else f"{100 * report.id_accuracy:.2f} %"
    images = {name: block["images"] for name, block in report.counts.items()}
    skipped = {name: block["skipped"] for name, block in report.counts.items() if block["skipped"]}
    total = sum(images[name] for name in report.ood_sets)
    lines = [
        f"ID set:   {report.id_set}, {images[report.id_set]} images, accuracy {accuracy}",
        f"OOD sets: {total} images ({_listed({name: images[name] for name in report.ood_sets})})",
    ]
    if skipped:
        lines.append(f"Skipped:  {sum(skipped.values())} unreadable, not counted above ({_listed(skipped)})")
    return [part for line in lines for part in textwrap.wrap(line, _WIDTH, subsequent_indent=" " * 10)]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def stream_note(report: OODReport) -> str:
    """What the rows of streams are, without which they say nothing; there must be some."""
    (first, *_), played = report.mixtures.values(), {}
    for score, how in report.mixtures.items():
        played.setdefault((how["order"], *how["seeds"], how["batch_size"]), []).append(score)
    ways = "; ".join(f"{', '.join(scores)}: {_way(*key)}" for key, scores in played.items())
    mixed = ", ".join(f"{name} {known}:{ood}" for name, (known, ood) in first["mixture"].items())
    return (
        "Rows marked (stream) learn from the test images: do not compare them with the other rows. Each OOD set was "
        f"mixed with the ID set (ID:OOD images: {mixed}), the memory emptied in between. {ways}."
    )


def _way(order: str, *numbers: int) -> str:
    """How a stream went, in words."""
    *seeds, batch_size = numbers
    by = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} streams with seeds {seeds[0]} to {seeds[-1]}"
    said = {
        "shuffled": f"shuffled, {by}",
        "id_first": f"all ID images before the OOD images, each kind shuffled, {by}",
        "ood_first": f"all OOD images before the ID images, each kind shuffled, {by}",
        "given": f"in the order of the files, ID images first, {by}",
    }
    return f"{said[order]}, batches of {batch_size}"


def _block(report: OODReport, block: str) -> Iterator[str]:
    """A row a score, and the best of a column, as printed, marked; last the streams, which are not to be compared."""
    of_scores = {
        score: [f"{100 * blocks[block][metric]:.2f}" for metric in METRIC_NAMES]
        for score, blocks in report.metrics.items()
    }
    rows = [of_scores[score] for score in report.images.score_names]
    for column, metric in enumerate(METRIC_NAMES):
        printed = {row[column] for row in rows}
        for row in rows if len(printed) > 1 else ():
            best = (max if COLUMNS[metric][1] == "up" else min)(printed, key=float)
            row[column] += "*" if row[column] == best else ""
    for score, row in of_scores.items():
        yield from _row(f"  {score}", row)
        yield from _deviations(report.metrics[score][block])


def _deviations(values: Mapping[str, float]) -> Iterator[str]:
    """A line below a score that was played as several streams."""
    found = [f"{100 * values[f'{metric}_sd']:.2f}" for metric in METRIC_NAMES if f"{metric}_sd" in values]
    if found:
        yield from _row("    standard deviation", found)


def _row(label: str, cells: Sequence[str], widths: Sequence[int] = _CELLS) -> list[str]:
    """One line, or two where the label is too long; values end in the same column whether or not a mark follows."""
    marked = (cell if cell.endswith("*") else f"{cell} " for cell in cells)
    values = "".join(f"{cell:>{width}}" for cell, width in zip(marked, widths, strict=True)).rstrip()
    first = _WIDTH - sum(widths)
    return [f"{label:<{first}}{values}"] if len(label) <= first else [label, f"{'':<{first}}{values}"]


def _thresholds(report: OODReport) -> Iterator[str]:
    """Each OOD set has thresholds of its own: the least and the greatest of them, a row a score."""
    yield "The scores at which FPR95 was read, the least and the greatest of the OOD sets:"
    for heads in (("FPR95-ID", "FPR95-OOD"), ("accepts from", "rejects up to")):
        yield from _row("", heads, _RANGES)
    for score, by_set in report.thresholds.items():
        read_at = [[block[metric] for block in by_set.values()] for metric in _READ_AT]
        ranges = [" .. ".join(dict.fromkeys(_digits(end(values)) for end in (min, max))) for values in read_at]
        yield from _row(f"  {score}", ranges, _RANGES)


def _digits(score: float) -> str:
    """Five digits of a score; where shares crowd at 1, two of what is missing."""
    return f"1-{1 - score:.2g}" if 0.9999 < score < 1 else f"{score:.5g}"
