"""A table as text, Markdown, LaTeX, CSV or JSON."""

import json
from collections.abc import Sequence

from mmneglabel.visualization.cells import aligned, csv_text, in_latex, in_markdown
from mmneglabel.visualization.tables import Cells, Grid, grid, is_stream, notes, tidy


def as_text(cells: Cells, transposed: bool = False) -> str:
    """A table for a console: a row a method, or ``transposed`` a row a set; then what its numbers are."""
    table = grid(cells, transposed, ("{} ", "{}*"))
    above, head = _heads(table)
    lines = aligned([above, head, *table.rows], range(len(table.stubs), len(head)))
    return "\n".join([*lines, "", *notes(cells, "*")])


def as_markdown(cells: Cells, transposed: bool = False) -> str:
    """The same in Markdown."""
    table = grid(cells, transposed, ("{}", "**{}**"), in_markdown)
    head = [*table.stubs, *(f"{title} {metric}" for title in table.titles for metric in table.metrics)]
    lines = aligned([head, *table.rows], range(len(table.stubs), len(head)), markdown=True)
    return "\n".join([*lines, "", *(f"- {in_markdown(note)}" for note in notes(cells, "Bold"))])


def as_latex(cells: Cells, transposed: bool = False, command: str = "") -> str:
    """The same as a ``table*`` of LaTeX, its caption what its numbers are.

    Args:
        cells: what it is of.
        transposed: a row a set.
        command: which made it, for a comment.
    """
    table = grid(cells, transposed, ("{}", r"\textbf{{{}}}"), in_latex)
    streams = 0 if transposed else sum(not is_stream(method) for method in cells.methods)
    return "\n".join(
        [
            *_comments(table, command),
            r"\begin{table*}",
            r"\centering\setlength{\tabcolsep}{3pt}",
            rf"\caption{{{' '.join(in_latex(note) for note in notes(cells, 'Bold'))}}}",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            *_tabular(table, streams),
            r"\end{table*}",
        ]
    )


def as_csv(cells: Cells) -> str:
    """A line a number's run, score and set."""
    return csv_text(tidy(cells))


def as_json(cells: Cells) -> str:
    """The same as a list of objects."""
    return json.dumps(tidy(cells), indent=2, ensure_ascii=False)


def _heads(table: Grid) -> tuple[list[str], list[str]]:
    """Two lines: each title above the first of its columns, and the columns' own."""
    above = [title if first else "" for title in table.titles for first in [True] + [False] * (len(table.metrics) - 1)]
    return [""] * len(table.stubs) + above, [*table.stubs, *list(table.metrics) * len(table.titles)]


def _comments(table: Grid, command: str) -> list[str]:
    lines = [f"% {' '.join(command.split())}"] if command else []
    lines.append(r"% preamble: \usepackage{booktabs,graphicx}; a table that is wider than the page is made smaller")
    names = [*table.titles, *(cell for row in table.rows for cell in row)]
    # What pdfLaTeX has fonts for.
    if any(letter > "\u017f" for name in names for letter in name):
        lines.append("% pdfLaTeX lacks letters of its names: use XeLaTeX or LuaLaTeX, with a font that has them")
    return lines


def _tabular(table: Grid, streams: int) -> list[str]:
    """The table itself, with a rule above the row with the number ``streams``, where it is one between others."""
    start, each, groups = len(table.stubs), len(table.metrics), range(len(table.titles))
    above = ["" for _ in table.stubs] + [rf"\multicolumn{{{each}}}{{c}}{{{title}}}" for title in table.titles]
    rules = [rf"\cmidrule(lr){{{start + 1 + i * each}-{start + (i + 1) * each}}}" for i in groups]
    rows = [_line(row) for row in table.rows]
    if 0 < streams < len(rows):
        rows.insert(streams, r"\midrule")
    head = [_line(above), " ".join(rules), _line(_heads(table)[1])]
    kinds = "l" * start + "r" * each * len(groups)
    return [rf"\begin{{tabular}}{{{kinds}}}", r"\toprule", *head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}}"]


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
