"""Lists of classes: one form and one reader, whether folders or prompts are made of them."""

import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmneglabel.corpus.noun_synsets import is_wordnet_id
from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.storage.resources import resource, user_or_shipped
from mmneglabel.storage.text_files import read_json, read_lines

Spec = str | Path | Sequence[str]
"""A list that came with mmneglabel, by its name (``'cifar10'``); a UTF-8 text file, or a ``.json`` file with a list of
lines; or the lines themselves.

A line is ``name``; ``folder<TAB>name``; or a WordNet id, a blank and the name, as in ``n01440764 tench``. Without tab
and id the whole line is both folder and name, blanks and all.
"""

_IMAGENET = "imagenet"


class ListedClass(NamedTuple):
    """A class: its folder and its name, which is the folder's where the list gives none."""

    folder: str
    name: str


def read_class_list(spec: Spec) -> tuple[ListedClass, ...]:
    """The classes in label order, for their folders; empty lines are skipped.

    Raises:
        DataError: a folder stands in the list twice.
    """
    classes = _read_classes(spec, "class_list", skip_blank=True)
    where = f"class list {spec}" if isinstance(spec, str | Path) else "class_list"
    first: dict[str, int] = {}
    for number, (folder, _) in enumerate(classes, 1):
        if first.setdefault(folder, number) != number:
            raise DataError(f"{where}: class {number} has the folder {folder!r} of class {first[folder]}; list it once")
    return classes


def read_class_names(spec: Spec) -> tuple[str, ...]:
    """The class names in label order. Repeats are legal: ImageNet-1k has 'missile' and 'sunglasses' twice.

    Args:
        spec: ``'imagenet'`` for open_clip's 1,000 names, or a class list.

    Raises:
        ConfigError: a class is named by its WordNet id alone.
    """
    if spec == _IMAGENET:
        # open_clip brings torch along: only who asks for its names pays for the import.
        from open_clip import IMAGENET_CLASSNAMES

        return tuple(IMAGENET_CLASSNAMES)
    names = tuple(listed.name for listed in _read_classes(spec, "class_names", known=(_IMAGENET,)))
    if ids := [name for name in names if is_wordnet_id(name)]:
        raise ConfigError(
            f"class_names: {len(ids)} of {len(names)} are WordNet ids, first {ids[0]!r}, which no text tower knows: "
            f"write its name behind it, as in 'n01440764 tench'"
        )
    return names


def names_of_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """The class names that folders give, underscores as spaces, as in WordNet.

    Raises:
        ConfigError: all are numbers, or some WordNet ids; names the lists that came with mmneglabel and translate them.
    """
    odd = {"WordNet ids": [name for name in folders if is_wordnet_id(name)]}
    odd["numbers"] = list(folders) if all(name.isdecimal() for name in folders) else []
    for what, names in odd.items():
        if names:
            raise ConfigError(
                f"class names: {len(names)} of {len(folders)} are {what}, first {names[0]!r}, which no text tower "
                f"knows: give class_list (evaluate: --classes) {_translation(folders)}"
            )
    return read_class_names([name.replace("_", " ") for name in folders])


def _translation(folders: Sequence[str]) -> str:
    """The lists that came with mmneglabel and are of these folders, or how to write one."""
    lists = {name: {listed.folder for listed in read_class_list(path)} for name, path in sorted(_shipped().items())}
    if same := [name for name, listed in lists.items() if listed == set(folders)]:
        return f"as {' or '.join(map(repr, same))}"
    known = max(lists, key=lambda name: len(lists[name].intersection(folders)))
    names = f"; {known!r} has names for them" if lists[known].issuperset(folders) else ""
    return f"as a file of lines 'folder<TAB>name'{names}"


def _read_classes(
    spec: Spec, key: str, known: Collection[str] = (), skip_blank: bool = False
) -> tuple[ListedClass, ...]:
    """The classes of a list; errors call the setting ``key`` and hint at what else is ``known``."""
    where, error, lines = key, ConfigError, spec
    if isinstance(spec, str | Path):
        path = _find(spec, key, known)
        read = read_json if path.suffix.lower() == ".json" else read_lines
        where, error, lines = f"class list {path}", DataError, read(path, "class list")
    if isinstance(lines, str) or not isinstance(lines, Sequence):
        raise error(f"{where} is no list ({lines!r}): give one line a class, or the name of a file")
    if skip_blank:
        lines = [line for line in lines if not isinstance(line, str) or line.strip()]
    if not lines:
        raise error(f"{where} is empty: give one line a class")
    return tuple(
        _parse(line, f"{where}: class {number} of {len(lines)}", error) for number, line in enumerate(lines, 1)
    )


def _find(spec: str | Path, key: str, known: Collection[str]) -> Path:
    """The user's own file before ours; a bare name that is neither can only be a slip."""
    path = user_or_shipped(spec)
    if path.is_file() or path.suffix or len(path.parts) > 1:
        return path
    shipped = _shipped()
    if str(spec) not in shipped:
        raise ConfigError(
            f"{key}={str(spec)!r} is no file and no known list: {did_you_mean(str(spec), {*shipped, *known})}"
        )
    return shipped[str(spec)]


def _shipped() -> dict[str, Path]:
    """The lists that came with mmneglabel, by name."""
    return {path.stem: path for path in (resource("txtfiles") / "classes").glob("*.txt")}


def _parse(line: Any, where: str, error: type[ConfigError] | type[DataError]) -> ListedClass:
    """The class in a line, or ``error`` saying why there is none."""
    if not isinstance(line, str) or not line.strip():
        raise error(f"{where} is blank or no text ({line!r})")
    folder, tab, name = line.strip().partition("\t")
    if not tab and is_wordnet_id(folder.partition(" ")[0]):
        folder, _, name = folder.partition(" ")
    listed = ListedClass(folder.strip(), name.strip() or folder.strip())
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in "".join(listed)):
        raise error(f"{where} holds a line break, a second tab or another control character ({line!r})")
    return listed
