"""What a judge is; the two questions that it answers, in words for a language model, and how replies are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

SYSTEM = 'You sort words for a dictionary. Reply with exactly one word, "Yes" or "No", and nothing else.'
"""What every question is asked under."""

VERDICTS = ("yes", "no", "unclear")

# What models put around the word that counts: quotes, asterisks, line ends.
_YES_OR_NO = re.compile(r"[\W_]*(yes|no)(?![^\W_])", re.IGNORECASE)


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


@dataclass(frozen=True)
class Question:
    """One question; equal questions are asked once.

    Args:
        word: the mined word.
        label: the ID label that it may be a kind of; None asks whether the word is a proper noun.
    """

    word: str
    label: str | None = None

    @property
    def kind(self) -> str:
        """What is asked, for people who read the log."""
        return "proper noun" if self.label is None else "subcategory"

    @property
    def text(self) -> str:
        """The words that the model gets."""
        if self.label is None:
            return (
                f'Is "{self.word}" a proper noun, that is, the name of one unique place, person or other entity '
                "rather than a word for a kind of thing?"
            )
        return (
            f'Is "{self.word}" a subcategory of "{self.label}", that is, would whatever is rightly called '
            f'"{self.word}" also be a case of "{self.label}"?'
        )


def verdict_of(reply: str) -> str:
    """How the reply begins: "yes", "no", or else "unclear", which removes no word, as in NegRefine's code."""
    match = _YES_OR_NO.match(reply)
    return match[1].lower() if match else "unclear"
