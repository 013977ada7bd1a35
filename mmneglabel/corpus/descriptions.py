"""One text a class, for a text tower to make the class's anchor of: written ones, WordNet's glosses, plain prompts.

The file of written ones has a line ``class name<TAB>description`` each; lines that begin with # are comments. Read too
are the forms that TagFog's authors released: ``class name:description`` and ``class name is description``.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mmneglabel.corpus.noun_synsets import is_wordnet_id, load_noun_synsets
from mmneglabel.corpus.prompts import check_template, fill
from mmneglabel.corpus.words import spaced
from mmneglabel.errors import DataError, did_you_mean
from mmneglabel.storage.resources import user_or_shipped
from mmneglabel.storage.text_files import read_lines, write_atomically

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset

    from mmneglabel.corpus.wordnet import WordNetReader

_WHAT = "description file"
_RELEASE = "3.0"  # of the WordNet whose offsets are ImageNet's ids


@dataclass(frozen=True)
class DescriptionFile:
    """Descriptions that somebody wrote: a line ``class name<TAB>description`` each, or a file of TagFog's authors.

    The file may know more classes than are asked for, so that one file serves many subsets: a misspelled name shows
    in the class that then goes without. Classes with WordNet ids may go by any name that WordNet has for them, as in
    the authors' files, if the file describes these classes alone, each once.

    The authors' code takes the text behind the name as well, but leaves out what follows the next ``is`` in the lines
    of CIFAR-10 ("a hoofed mammal that"); here the line is read to its end.

    Args:
        path: the file. One that came with mmneglabel, such as ``txtfiles/descriptions/cifar10.tsv``, is found from any
            folder.
    """

    path: str | Path

    def describe(self, class_names: Sequence[str], wordnet_ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """One text a class, in the order of the classes.

        Args:
            class_names: K names; underscores count as spaces.
            wordnet_ids: K ids of the form ``n02084071``; what has another form is no id. None where there are none.

        Raises:
            DataError: the file lacks a class.
        """
        known = read_descriptions(user_or_shipped(self.path))
        names = _names_in_file(known, [spaced(name) for name in class_names], wordnet_ids or ())
        if missing := [name for name in names if name not in known]:
            raise DataError(
                f"description file {self.path} lacks {len(missing)} of {len(names)} classes, first {missing[0]!r} "
                f"({did_you_mean(missing[0], known)}): add a line `class name<TAB>description` for each, or let "
                "tools/describe_classes.py do it"
            )
        return tuple(known[name] for name in names)


@dataclass(frozen=True)
class WordNetGlosses:
    """``name: definition``, as WordNet 3.0 defines the class; NLTK reads it.

    A class with a WordNet id is the synset of that id, any other the first noun sense of its name, which may be
    another thing than the pictures show (a crane is a machine or a bird): look at what was used.

    Args:
        folder: a folder of WordNet database files; None takes NLTK's own data. See :func:`wordnet.open_wordnet`.
    """

    folder: str | Path | None = None

    def describe(self, class_names: Sequence[str], wordnet_ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """One text a class.

        Raises:
            DataError: WordNet has no noun for a class.
        """
        names = [spaced(name) for name in class_names]
        classes = list(zip(names, wordnet_ids or [""] * len(names), strict=True))
        glosses = self._glosses(classes)
        if missing := [known for known, gloss in zip(classes, glosses, strict=True) if not gloss]:
            name, wordnet_id = missing[0]
            raise DataError(
                f"WordNet has no noun for {len(missing)} of {len(names)} classes, first {name!r} "
                f"(id {wordnet_id or 'none'}): describe the classes in a file (DescriptionFile) instead"
            )
        return tuple(f"{name}: {gloss}" for name, gloss in zip(names, glosses, strict=True))

    def _glosses(self, classes: Sequence[tuple[str, str]]) -> list[str]:
        """The definition of each (name, id), empty where there is none."""
        # NLTK takes a second to import: only who asks WordNet itself pays for it.
        from mmneglabel.corpus.wordnet import damage_named, open_wordnet

        with damage_named(self.folder):
            wordnet = open_wordnet(self.folder)
            _check_release(wordnet, [known for _, known in classes if is_wordnet_id(known)], self.folder)
            synsets = [_synset(wordnet, *known) for known in classes]
            return [synset.definition() if synset else "" for synset in synsets]


@dataclass(frozen=True)
class PlainPrompts:
    """The class name in a template: no knowledge but the tower's own.

    Args:
        template: ``{}`` stands for the name.
    """

    template: str = "a photo of a {}"

    def __post_init__(self) -> None:
        check_template("PlainPrompts.template", self.template)

    def describe(self, class_names: Sequence[str], wordnet_ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """One text a class; ids do not matter."""
        return tuple(fill(self.template, spaced(name)) for name in class_names)


def read_descriptions(path: str | Path) -> dict[str, str]:
    """Class name (underscores as spaces) to description, in the file's order; blank lines do not matter.

    Raises:
        DataError: the file is empty, a line has not two columns, or a class stands there twice.
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


def write_descriptions(path: Path, rows: Iterable[tuple[str, str]], comments: Iterable[str] = ()) -> None:
    """Write (class name, text) rows, of which several may have one name: all of them, or nothing.

    Where no two have, :func:`read_descriptions` reads them back.
    """
    lines = [*comments, *(f"{name}\t{' '.join(text.split())}" for name, text in rows)]
    write_atomically(path, "".join(f"{line}\n" for line in lines))


def _names_in_file(known: Mapping[str, str], names: list[str], wordnet_ids: Sequence[str]) -> list[str]:
    """The classes' names, or other names of WordNet's for their ids, where these pair all classes with all lines."""
    # For TagFog's file of ImageNet-100, which calls classes by other lemmas than ImageNet. A lemma may belong to
    # several synsets ("crane"): only where all classes and lines find each other, one to one, is none mistaken.
    if known.keys() >= {*names} or not len(names) == len(known) == sum(map(is_wordnet_id, wordnet_ids)):
        return names
    in_file = {name.lower(): name for name in known}
    found = []
    for name, wordnet_id in zip(names, wordnet_ids, strict=True):
        lemmas = {spaced(lemma).lower() for lemma in load_noun_synsets().synset(wordnet_id[1:]).lemmas}
        found.append({name} if name in known else {in_file[lemma] for lemma in lemmas & in_file.keys()})
    one_each = all(len(choice) == 1 for choice in found) and len(set().union(*found)) == len(known)
    return [choice.pop() for choice in found] if one_each else names


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


def _check_release(wordnet: "WordNetReader", ids: Sequence[str], folder: str | Path | None) -> None:
    if ids and (version := wordnet.get_version()) != _RELEASE:
        raise DataError(
            f"the WordNet in {folder or 'nltk_data'} is release {version}, and ids such as {ids[0]} are places in "
            f"release {_RELEASE}: give a folder of that release"
        )


def _synset(wordnet: "WordNetReader", name: str, wordnet_id: str) -> "Synset | None":
    """The class's synset: that of its id, else the first noun sense of its name; None where there is none."""
    if not is_wordnet_id(wordnet_id):
        return next(iter(wordnet.synsets(name.replace(" ", "_"), "n")), None)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No WordNet synset found")  # None says it too
        return wordnet.synset_from_pos_and_offset("n", int(wordnet_id[1:]))
