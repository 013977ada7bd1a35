"""What a judge is: who says which mined words are no negatives after all."""

from collections.abc import Sequence
from typing import Any, Protocol


class Judge(Protocol):
    """Answers the two questions of NegRefine's filter (ICCV 2025, arXiv 2507.09795).

    Words come cleaned (letters, spaces, ``_`` and ``-``), lower case where they come from the corpus.
    """

    def check(self) -> None:
        """Refuse at once what would fail at the first question: called before anything is encoded."""

    def proper_nouns(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it is a proper noun: the name of one person, place or thing."""

    def subcategories(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (word, ID label) whether the word is a kind of what the label names."""

    def close(self) -> None:
        """Give back what was held to answer: no more questions come for now."""

    def facts(self) -> dict[str, Any]:
        """What decides the verdicts, as JSON-able values: part of the bank's fingerprint, read before any question."""
