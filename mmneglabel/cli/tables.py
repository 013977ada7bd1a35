"""Lines of a table as text: cells of a width, or CSV."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any


def padded(lines: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[list[str]]:
    """The cells, those of each column of one width; columns with the numbers in ``right`` end at one edge."""
    columns = []
    for i, column in enumerate(zip(*lines, strict=True)):
        width = max(map(len, column))
        columns.append([cell.rjust(width) if i in right else cell.ljust(width) for cell in column])
    return [list(line) for line in zip(*columns, strict=True)]


def csv_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines of CSV below a line of all keys; without a line end."""
    out = io.StringIO()
    writer = csv.DictWriter(out, dict.fromkeys(key for line in lines for key in line), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().rstrip("\n")
