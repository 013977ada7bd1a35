"""What should be said once of a label bank, since it may be meant and may be a mistake."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

from mmneglabel.mining.bank import DEFAULT_GROUPS, LabelBank
from mmneglabel.mining.miners import Miner


def notes(bank: LabelBank, miner: Miner | None = None, multilingual: bool = False) -> list[str]:
    """A sentence each; most banks need none.

    Args:
        bank: the bank.
        miner: what made it; None for a saved one.
        multilingual: whether the text tower reads other scripts than the Latin one.
    """
    said = [*_notes(bank), *(() if multilingual else _foreign(bank))]
    if miner is not None:
        if miner.groups is None and 0 < bank.groups < DEFAULT_GROUPS:
            said.append(f"{bank.groups} groups of one negative, not {DEFAULT_GROUPS}: there are no more negatives.")
        said += miner.notes(bank)
    return said


def _notes(bank: LabelBank) -> Iterator[str]:
    if twice := [label for label, count in Counter(bank.labels).items() if count > 1]:
        yield f"{len(twice)} class names stand more than once, such as {twice[0]!r}: nothing tells those classes apart."
    if joined := [label for label in bank.labels if "_" in label]:
        yield f"{len(joined)} class names hold underscores, such as {joined[0]!r}, and are read so: write blanks there."
    known = {label.casefold() for label in bank.labels}
    if equal := [word for word in bank.negatives if word.casefold() in known]:
        yield f"{len(equal)} of {len(bank.negatives):,} negatives equal class names, such as {equal[0]!r}."


def _foreign(bank: LabelBank) -> Iterator[str]:
    for what, words in (("class names", bank.labels), ("negatives", bank.negatives)):
        if foreign := [word for word in words if _has_no_latin(word)]:
            yield (
                f"{len(foreign)} of {len(words):,} {what} have no Latin letter, such as {foreign[0]!r}: "
                "a tower that learned English alone cannot read them."
            )


def _has_no_latin(word: str) -> bool:
    """Whether there are letters, and none of the Latin alphabet."""
    letters = [character for character in word if character.isalpha()]
    return bool(letters) and not any(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
