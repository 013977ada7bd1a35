"""A judge that needs no language model: WordNet says what is a proper noun and what is a kind of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mmneglabel.corpus.noun_synsets import NounSynsets, Synset, letters, load_noun_synsets
from mmneglabel.errors import one_of
from mmneglabel.storage.text_files import as_path

_VERSION = 1  # of the rules: to be raised when verdicts change

# Peoples, tribes, creeds and lands are no instances in WordNet, although they are names. Elsewhere a capital tells
# little: every genus of plants has one.
_NAME_FILES = ("noun.person", "noun.group", "noun.cognition", "noun.location")

_SMALL_WORDS = frozenset({"a", "and", "de", "du", "for", "in", "la", "of", "on", "the", "to", "von"})


@dataclass(frozen=True, kw_only=True)
class WordNetJudge:
    """Answers the two questions of NegRefine's filter (ICCV 2025, arXiv 2507.09795) from WordNet.

    A word is a proper noun if one of its senses (a) is an instance, as Paris is one of national capital, (b) is a
    taxon that the word calls by its rank ("genus kohleria"), or (c) is a person, group, thought or place written
    with capitals throughout ("Haida"). A word is a subcategory of an ID label if one of the label's senses is, or
    lies above, one of the word's, or if the strings are equal whatever their case. A word or label that WordNet
    lacks, such as an adjective with a superclass ("spiny-leaved space"), gets no for an answer.

    Args:
        senses: which senses of words and labels count: "all", or only the "first", WordNet's most frequent.
        synsets: table of noun synsets; None for the one that travels with the project.
    """

    senses: Literal["all", "first"] = "all"
    synsets: str | Path | None = None

    def __post_init__(self) -> None:
        one_of(self, ("all", "first"), senses=self.senses)
        self._path()

    def check(self) -> None:
        """Read the table."""
        self._table()

    def proper_nouns(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it is a proper noun."""
        table = self._table()
        return [any(_is_proper(table, word, synset) for synset in self._synsets(table, word)) for word in words]

    def subcategories(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (word, ID label) whether the word is a kind of what the label names, or a synonym."""
        table = self._table()
        words, labels = ({pair[i] for pair in pairs} for i in (0, 1))
        # Ten labels a word and a thousand labels in all: each is looked up once.
        above = {w: frozenset().union(*(table.closure(s) for s in self._synsets(table, w))) for w in words}
        named = {label: {synset.offset for synset in self._synsets(table, label)} for label in labels}
        return [w.casefold() == label.casefold() or not above[w].isdisjoint(named[label]) for w, label in pairs]

    def close(self) -> None:
        """Nothing: the table is small, and another filter may read it."""

    def facts(self) -> dict[str, Any]:
        """Name, version of the rules, senses, and the sha256 of the table's file."""
        return {
            "judge": type(self).__name__,
            "version": _VERSION,
            "senses": self.senses,
            "synsets_sha256": self._table().digest,
        }

    def _table(self) -> NounSynsets:
        return load_noun_synsets(self._path())

    def _path(self) -> Path | None:
        return None if self.synsets is None else as_path(self.synsets, "synsets")

    def _synsets(self, table: NounSynsets, word: str) -> tuple[Synset, ...]:
        return table.synsets(word)[: 1 if self.senses == "first" else None]


def _is_proper(table: NounSynsets, word: str, synset: Synset) -> bool:
    if synset.is_instance or _is_taxon_by_rank(table, word, synset):
        return True
    return synset.lexname in _NAME_FILES and _is_capitalised(word, synset)


def _is_taxon_by_rank(table: NounSynsets, word: str, synset: Synset) -> bool:
    """Whether the word's first part is the rank of the taxon: a lemma of what lies above ("family rosaceae")."""
    rank, _, name = word.lower().partition(" ")
    above = [table.synset(offset) for offset in table.closure(synset)] if name else []
    is_taxon = any("taxonomic_group" in higher.lemmas for higher in above)
    return is_taxon and any(rank in higher.lemmas for higher in above)


def _is_capitalised(word: str, synset: Synset) -> bool:
    """Whether WordNet writes the word with a capital in each of its parts, small words such as 'of' aside."""
    forms = [lemma for lemma in synset.lemmas if letters(lemma) == letters(word)]
    parts = [part for form in forms for part in form.replace("-", "_").split("_") if part not in _SMALL_WORDS]
    return bool(parts) and not any(part[:1].islower() for part in parts)
