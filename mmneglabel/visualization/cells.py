"""Lines of a table as text: cells of a width, Markdown, or CSV; and what a name must not do to Markdown and LaTeX."""

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

_LATEX = {letter: f"\\{letter}" for letter in "_%&#${}"}
_LATEX |= {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
# In LaTeX's oldest and usual encoding of letters these are others; behind \\ the last two would be its arguments.
_LATEX |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "[": "{[}", "*": "{*}"}
_LATEX |= {"±": r"$\pm$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "–": "--"}
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&$]")


def padded(lines: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[list[str]]:
    """The cells, those of each column of one width; columns with the numbers in ``right`` end at one edge."""
    columns = []
    for i, column in enumerate(zip(*lines, strict=True)):
        width = max(map(_width, column))
        blanks = [" " * (width - _width(cell)) for cell in column]
        columns.append([b + cell if i in right else cell + b for b, cell in zip(blanks, column, strict=True)])
    return [list(line) for line in zip(*columns, strict=True)]


def aligned(lines: Sequence[Sequence[str]], right: Collection[int], markdown: bool = False) -> list[str]:
    """The lines below their first, which heads the columns, for a console or as Markdown."""
    head, *rows = padded(lines, right)
    if not markdown:
        return ["  ".join(row).rstrip() for row in (head, *rows)]
    widths = [_width(cell) for cell in head]
    rule = ["-" * (width - 1) + ":" if i in right else "-" * width for i, width in enumerate(widths)]
    return ["| " + " | ".join(row) + " |" for row in (head, rule, *rows)]


def csv_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines of CSV below a line of all keys; without a line end."""
    out = io.StringIO()
    writer = csv.DictWriter(out, dict.fromkeys(key for line in lines for key in line), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().rstrip("\n")


def in_latex(text: str) -> str:
    """A text whose letters LaTeX prints as they are."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def in_markdown(text: str) -> str:
    """A text whose letters Markdown shows as they are."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _width(text: str) -> int:
    """Columns of a console: Chinese letters take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
