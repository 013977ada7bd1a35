"""Which folders are the classes: a text file or list of lines, ``folder`` or ``folder class name``."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mmneglabel.corpus.resources import user_or_shipped
from mmneglabel.corpus.text_files import read_lines
from mmneglabel.errors import ConfigError, DataError


class ListedClass(NamedTuple):
    """A class: its folder and its name, which is the folder's where the list gives none."""

    folder: str
    name: str


def read_class_list(spec: str | Path | Sequence[str]) -> tuple[ListedClass, ...]:
    """Return the classes in label order.

    A line is ``folder`` or ``folder class name``. What stands between is a tab, or else the first blank, so a folder
    with a blank in its name needs a tab and a class name after it. Empty lines are skipped.

    Args:
        spec: The lines; or the path of a UTF-8 text file of them, which may be one that came with mmneglabel, such as
            ``'txtfiles/classes/cifar10.txt'``, wherever the working directory is.

    Raises:
        ConfigError: ``spec`` is neither, or no class is in it.
        DataError: The file cannot be read, or a folder stands in it twice.
    """
    if isinstance(spec, str | Path):
        path = user_or_shipped(spec)
        where, lines = f"class list {path}", read_lines(path, "class list")
    elif isinstance(spec, Sequence) and all(isinstance(line, str) for line in spec):
        where, lines = "class_list", list(spec)
    else:
        raise ConfigError(f"class_list={spec!r}; give a text file, or a list of folder names")
    classes = tuple(_parse(line) for line in lines if line.strip())
    if not classes:
        raise ConfigError(f"{where} is empty; write one 'folder' or 'folder class name' a line")
    _check_distinct(classes, where)
    return classes


def _parse(line: str) -> ListedClass:
    folder, _, name = line.strip().partition("\t" if "\t" in line.strip() else " ")
    return ListedClass(folder.strip(), name.strip() or folder.strip())


def _check_distinct(classes: Sequence[ListedClass], where: str) -> None:
    first: dict[str, int] = {}
    for number, (folder, _) in enumerate(classes, 1):
        if first.setdefault(folder, number) != number:
            raise DataError(f"{where}: class {number} has the folder {folder!r} of class {first[folder]}; list it once")
