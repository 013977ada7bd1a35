"""What is worth one line in the log, once: what may be meant and may be a mistake in the words behind a score."""

from collections.abc import Collection, Iterator, Mapping
from textwrap import shorten

from mmneglabel.backbones import VisionLanguageBackbone, cut_texts
from mmneglabel.corpus import Prompts
from mmneglabel.corpus.prompts import fill
from mmneglabel.mining import LabelBank, Miner, notes


def remarks(
    banks: Mapping[str, LabelBank],
    miners: Mapping[str, Miner | str],
    tower: VisionLanguageBackbone,
    mined: Collection[str] = (),
) -> list[str]:
    """Each remark once, however many banks give cause for it.

    Args:
        banks: the banks by name.
        miners: what made each; a path stands for a saved bank.
        tower: what read the words.
        mined: the banks that were made just now: to look at all negatives of those that are kept would take longest.
    """
    found: dict[str, None] = {}
    for name, bank in banks.items():
        miner = miners[name] if isinstance(miners[name], Miner) else None
        found |= dict.fromkeys([*notes(bank, miner, tower.multilingual), *_cut_words(bank, tower, name in mined)])
    return list(found)


def _cut_words(bank: LabelBank, tower: VisionLanguageBackbone, with_negatives: bool) -> Iterator[str]:
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
