"""The rows of the papers' tables and what is published of them, for people and for programs."""

import json
from collections.abc import Sequence
from typing import Any

import open_clip

from mmneglabel.catalogue import BACKBONES, PROTOCOLS, ROWS, SETS, TableRow, find_protocol
from mmneglabel.scores.stream import MARK
from mmneglabel.visualization.cells import csv_text

_STREAMS = f"Rows marked{MARK} learn from the test images: do not compare them with others."


def listed(rows: Sequence[TableRow], form: str) -> str:
    """The rows as ``text``, ``markdown``, ``csv`` or ``json``."""
    return {"text": _text, "markdown": leaderboard, "csv": _csv, "json": _json}[form](rows)


def _text(rows: Sequence[TableRow]) -> str:
    """Each row with its table, and below it what is published of it."""
    width, lines = max(len(row.name) for row in rows), []
    for row in rows:
        lines.append(f"{row.name:<{width}}  {row.table}")
        lines += [f"    {score}: {_mean(numbers)}" for score, numbers in row.published.items()]
        lines += [f"    from {row.evidence}"] if row.published else []
    tags = open_clip.list_pretrained()
    lines += [
        f"{len(rows)} of {len(ROWS)} rows; in all {len(PROTOCOLS)} protocols, {len(BACKBONES)} backbones, {len(SETS)} "
        f"picture sets; open_clip has {len(open_clip.list_models())} architectures and {len(tags)} tags"
    ]
    return "\n".join(lines)


def leaderboard(rows: Sequence[TableRow]) -> str:
    """What is published of the rows, in Markdown, apart by the class that is positive in their FPR95."""
    parts = []
    for positive, other in (("ID", "OOD"), ("OOD", "ID")):
        parts.append(f"## FPR95 with {positive} as the positive class\n")
        parts.append(
            f"The share of {other} images that pass at a recall of 95 % of {positive} images; lower is better.\n"
        )
        mine = [row for row in rows if find_protocol(row.protocol).positive == positive]
        parts += [published_table(row) for row in mine if row.published]
    return "\n".join(parts).rstrip("\n")


def published_table(row: TableRow) -> str:
    """A row's heading and its numbers: a line a score, a column a set."""
    sets = [*row.ood_sets, *find_protocol(row.protocol).groups, "mean"]
    sets = [name for name in sets if any(name in numbers for numbers in row.published.values())]
    lines = [["score", *sets], ["---"] * (len(sets) + 1)]
    lines += [[score, *(_pair(numbers.get(name)) for name in sets)] for score, numbers in row.published.items()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    title = f"### {find_protocol(row.protocol).title}: {row.id_set}, {BACKBONES[row.backbone]['model_name']}"
    streams = f"\n{_STREAMS}\n" if any(score.endswith(MARK) for score in row.published) else ""
    return f"{title}\n\n`{row.name}`; from {row.evidence}.\n\n{table}\n{streams}"


def _pair(numbers: Sequence[float | None] | None) -> str:
    """AUROC / FPR95."""
    return " / ".join("-" if number is None else f"{number:.2f}" for number in numbers) if numbers else "-"


def _mean(numbers: Any) -> str:
    """The mean, or the first set's numbers."""
    name = "mean" if "mean" in numbers else next(iter(numbers))
    auroc, fpr = numbers[name]
    return f"{name}, AUROC {'-' if auroc is None else f'{auroc:.2f}'}, FPR95 {fpr:.2f}"


def _facts(row: TableRow) -> dict[str, Any]:
    positive = find_protocol(row.protocol).positive
    return {"row": row.name, "table": row.table, "protocol": row.protocol, "fpr95_positive": positive,
            "backbone": row.backbone, "id_set": row.id_set, "evidence": row.evidence}  # fmt: skip


def _csv(rows: Sequence[TableRow]) -> str:
    """A line a row, score and set; a row of which nothing is published has one."""
    lines = []
    for row in rows:
        found = [(score, name, *told) for score, by_set in row.published.items() for name, told in by_set.items()]
        for numbers in found or [(None,) * 4]:
            keys = ("score", "set", "auroc_published", "fpr95_published")
            lines.append(_facts(row) | dict(zip(keys, numbers, strict=True)))
    return csv_text(lines)


def _json(rows: Sequence[TableRow]) -> str:
    """An object a row; the numbers by score and set."""
    found = []
    for row in rows:
        published = {
            score: {name: dict(zip(("auroc", "fpr95"), told, strict=True)) for name, told in by_set.items()}
            for score, by_set in row.published.items()
        }
        found.append(_facts(row) | {"ood_sets": row.ood_sets, "published": published})
    return json.dumps(found, indent=2)
