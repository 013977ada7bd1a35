"""The file of class descriptions: a line ``class name<TAB>description`` each; lines that begin with # are comments.

Read too are the forms that TagFog's authors released: ``class name:description`` and ``class name is description``.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mmneglabel.errors import DataError
from mmneglabel.storage.text_files import read_lines, write_atomically

_WHAT = "description file"


def spaced(name: str) -> str:
    """A class name as text: ``aquarium_fish`` and ``aquarium fish`` are one class."""
    return " ".join(name.replace("_", " ").split())


def read_descriptions(path: str | Path) -> dict[str, str]:
    """Class name (underscores as spaces) to description, in the file's order; blank lines do not matter.

    Raises:
        DataError: the file cannot be read or is empty, a line has not two columns, or a class stands there twice.
    """
    lines: dict[str, int] = {}
    found: dict[str, str] = {}
    rows = [(n, line) for n, line in enumerate(read_lines(path, _WHAT), start=1) if line and not line.startswith("#")]
    separator = _separator([line for _, line in rows])
    for number, line in rows:
        name, text = _columns(line, separator, f"{_WHAT} {path}, line {number}")
        if name in found:
            raise DataError(f"{_WHAT} {path} describes {name!r} on lines {lines[name]} and {number}: leave one of them")
        found[name], lines[name] = text, number
    if not found:
        raise DataError(f"{_WHAT} {path} is empty: it needs a line `class name<TAB>description` for each class")
    return found


def read_comments(path: str | Path) -> list[str]:
    """The comment lines, ``#`` included.

    Raises:
        DataError: the file cannot be read.
    """
    return [line for line in read_lines(path, _WHAT) if line.startswith("#")]


def write_descriptions(path: Path, descriptions: Mapping[str, str], comments: Iterable[str] = ()) -> None:
    """Write a file that :func:`read_descriptions` reads back: all of it, or nothing.

    Raises:
        DataError: the folder cannot be written to.
    """
    write_lines(path, descriptions.items(), comments)


def write_lines(path: Path, rows: Iterable[tuple[str, str]], comments: Iterable[str] = ()) -> None:
    """The same of (name, description) pairs, of which several may have one name."""
    lines = [*comments, *(f"{name}\t{' '.join(text.split())}" for name, text in rows)]
    write_atomically(path, "".join(f"{line}\n" for line in lines))


def _separator(lines: Sequence[str]) -> str:
    """What parts names from texts: one thing in a whole file, and a tab where there is any."""
    if not any("\t" in line for line in lines):
        for separator in (":", " is "):
            if all(separator in line for line in lines):
                return separator
    return "\t"


def _columns(line: str, separator: str, where: str) -> tuple[str, str]:
    name, *texts = (column.strip() for column in line.split(separator, maxsplit=-1 if separator == "\t" else 1))
    if len(texts) != 1 or not name or not texts[0]:
        raise DataError(f"{where} is {line[:80]!r}: write a class name, one tab and a description")
    return spaced(name), texts[0]
