"""What should be said once of a label bank, since it may be meant and may be a mistake."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from string import ascii_letters
from textwrap import shorten

from mmneglabel.backbones import VisionLanguageBackbone, cut_texts
from mmneglabel.corpus import Prompts
from mmneglabel.corpus.prompts import fill
from mmneglabel.corpus.words import plain
from mmneglabel.mining.bank import LabelBank, SavedBank
from mmneglabel.mining.miners import Miner


def notes(
    bank: LabelBank, miner: Miner | SavedBank, tower: VisionLanguageBackbone | None = None, mined: bool = False
) -> list[str]:
    """A sentence each; most banks need none. Without a tower nothing is said of how it reads the words.

    All negatives are looked at in a bank that was ``mined`` just now alone: in one that is kept it would take longest.
    """
    said = [*_doubles(bank), *miner.notes(bank)]
    if tower is not None:
        said += [*(() if tower.multilingual else _foreign(bank)), *_cut(bank, tower, with_negatives=mined)]
    return said


def _doubles(bank: LabelBank) -> Iterator[str]:
    if twice := [label for label, count in Counter(bank.labels).items() if count > 1]:
        yield f"{len(twice)} class names stand more than once, such as {twice[0]!r}: nothing tells those classes apart."
    if joined := [label for label in bank.labels if "_" in label]:
        yield f"{len(joined)} class names hold underscores, such as {joined[0]!r}, and are read so: write blanks there."
    known = set(map(plain, bank.labels))
    if equal := [word for word in bank.negatives if plain(word) in known]:
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
    if word[:1] in ascii_letters:  # as nearly all are: ten thousand look-ups take a tenth of a second
        return False
    letters = [character for character in word if character.isalpha()]
    return bool(letters) and not any(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def _cut(bank: LabelBank, tower: VisionLanguageBackbone, with_negatives: bool) -> Iterator[str]:
    """Whose prompts are longer than the tower reads."""
    prompts = Prompts(**bank.recipe["prompts"])
    labels = [(label, prompts.label) for label in bank.labels]
    pairs = zip(bank.negatives, bank.parts_of_speech, strict=True) if with_negatives else ()
    negatives = [(negative, prompts.of(pos)) for negative, pos in pairs]
    for what, words in (("class names", labels), ("negatives", negatives)):
        texts = [(fill(template, word), word) for word, templates in words for template in templates]
        if cut := {texts[number][1] for number in cut_texts(tower.tokenize, [text for text, _ in texts])}:
            yield (
                f"{len(cut)} of {len(words):,} {what} were cut, such as {shorten(min(cut), 60)!r}: in their prompts "
                "they are longer than the text tower reads."
            )
