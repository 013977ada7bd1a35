"""WordNet's nouns as a small table that travels with the project: senses, hypernyms, instances, spelling.

One line a synset, as in `noun_synsets.tsv.gz`: the offset in 8 digits (`n` + offset is ImageNet's id of a class), the
lexicographer file, the lemmas as WordNet writes them, the hypernyms, the instance hypernyms. A lemma ends with `#2`
where the synset is its second sense, and so on. `txtfiles/README.md` says where the table comes from.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from mmneglabel.errors import DataError
from mmneglabel.storage.resources import resource

SYNSETS_NAME = "noun_synsets.tsv.gz"
HEADER = "offset\tlexname\tlemmas\thypernyms\tinstance_hypernyms"

# WordNet's own rules for the plurals of nouns (morphy(7WN)): what ends so, and what to put in its place.
_PLURALS = {"s": "", "ses": "s", "xes": "x", "zes": "z", "ches": "ch", "shes": "sh", "men": "man", "ies": "y"}


class Synset(NamedTuple):
    """One meaning: lemmas as WordNet writes them (`Great_Dane`), offsets of the synsets right above it."""

    offset: str
    lexname: str
    lemmas: tuple[str, ...]
    hypernyms: tuple[str, ...]
    instance_hypernyms: tuple[str, ...]

    @property
    def is_instance(self) -> bool:
        """Whether it is one named thing, such as Paris, and no kind of things."""
        return bool(self.instance_hypernyms)


class NounSynsets:
    """The noun part of WordNet, read only.

    Args:
        table: the lines under the header.
        digest: sha256 of what they were read from.
    """

    def __init__(self, table: list[str], digest: str) -> None:
        self.digest = digest
        self._lines: dict[str, str] = {}
        # Lemma to "<sense>:<offset> ...": strings, as the garbage collector would walk 150,000 tuples each time.
        self._senses: dict[str, str] = {}
        self._closures: dict[str, frozenset[str]] = {}
        for line in table:
            offset, _, lemmas, _, _ = line.split("\t")
            self._lines[offset] = line
            for lemma in lemmas.lower().split(" "):
                key, _, sense = lemma.partition("#")
                self._senses[key] = f"{self._senses.get(key, '')} {int(sense or 1)}:{offset}"

    def __len__(self) -> int:
        return len(self._lines)

    def synset(self, offset: str) -> Synset:
        """The synset at an offset of 8 digits.

        Raises:
            DataError: there is none, so the table is damaged.
        """
        if offset not in self._lines:
            raise DataError(f"the table of noun synsets lacks {offset}: make it anew with tools/make_word_lists.py")
        _, lexname, lemmas, above, instance_of = self._lines[offset].split("\t")
        forms = tuple(lemma.partition("#")[0] for lemma in lemmas.split(" "))
        return Synset(offset, lexname, forms, tuple(above.split()), tuple(instance_of.split()))

    def synsets(self, word: str) -> tuple[Synset, ...]:
        """The senses of a word, WordNet's first one first; empty if it is no noun of WordNet's.

        Case never counts. The word as it stands goes first, then its letters alone, so that what a filter's
        cleaning made of `Venus's flytrap` or other hyphens and spaces are found too, then its singular.
        """
        key = "_".join(word.lower().split())
        for form in (key, *_singulars(key)):
            lemma = form if form in self._senses else self._by_letters.get(letters(form))
            if lemma is not None:
                senses = sorted((int(n), offset) for n, offset in (s.split(":") for s in self._senses[lemma].split()))
                return tuple(self.synset(offset) for _, offset in senses)
        return ()

    def closure(self, synset: Synset) -> frozenset[str]:
        """Offsets of the synset and of all that lies above it, by either kind of hypernym."""
        if synset.offset not in self._closures:
            seen, waiting = set(), [synset.offset]
            while waiting:
                offset = waiting.pop()
                if offset not in seen:
                    seen.add(offset)
                    found = self.synset(offset)
                    waiting += found.hypernyms + found.instance_hypernyms
            self._closures[synset.offset] = frozenset(seen)
        return self._closures[synset.offset]

    @cached_property
    def _by_letters(self) -> dict[str, str]:
        """The first lemma of the database by its letters alone."""
        # One substitution over all lemmas takes a tenth of the time that one each would.
        stripped = re.sub("[^a-z\\n]", "", "\n".join(self._senses)).split("\n")
        found = dict(zip(reversed(stripped), reversed(self._senses), strict=True))
        found.pop("", None)
        return found


@cache
def load_noun_synsets(path: Path | None = None) -> NounSynsets:
    """Read the table once a process.

    Args:
        path: the gzipped table; None for the one that travels with the project.

    Raises:
        DataError: it is missing or damaged.
    """
    path = path or resource("txtfiles") / SYNSETS_NAME
    mend = "take the project's own or make it with tools/make_word_lists.py"
    try:
        packed = path.read_bytes()
        header, *table = gzip.decompress(packed).decode("ascii").splitlines()
        if header != HEADER:
            raise ValueError(f"the header is {header[:60]!r}")
        return NounSynsets(table, hashlib.sha256(packed).hexdigest())
    except FileNotFoundError as error:
        raise DataError(f"no table of noun synsets {path}: {mend}") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"the table of noun synsets {path} is damaged ({error}): {mend}") from error


def is_wordnet_id(text: str) -> bool:
    """Whether this is an id of ImageNet's: ``n`` and the 8 digits of a noun synset's place in WordNet 3.0."""
    return re.fullmatch(r"n\d{8}", text, re.ASCII) is not None


def letters(word: str) -> str:
    """The letters a to z of a word, lower case."""
    return re.sub("[^a-z]", "", word.lower())


def _singulars(key: str) -> Iterator[str]:
    return (key.removesuffix(plural) + singular for plural, singular in _PLURALS.items() if key.endswith(plural))
