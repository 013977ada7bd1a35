"""A mined bank as somebody wants it: words that go, words of one's own that come; nothing is mined anew."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from mmneglabel.corpus import Prompts
from mmneglabel.corpus.words import listed_words, plain, spaced
from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.miners import Encode
from mmneglabel.mining.select import quantile_similarity

WordList = Collection[str] | str | Path


@dataclass(frozen=True, kw_only=True)
class Edits:
    """What to change of a bank once it is mined: ``Edits(drop=["tripod"])(bank, encode)`` is the other bank.

    Words are the same whatever their case, blanks or underscores, as in ``exclude_words``; either list may be the path
    of a file.

    Args:
        drop: negatives that go; the others keep their order. Each must be there, lest a slip pass for a change; of a
            file, which may serve many banks, those that are not there are passed over.
        unlike: words that come behind the mined ones, in this order, as nouns. One that is a negative already, as
            others' ratios and corpora decide, is not added: twice it would weigh double.

    Raises:
        ConfigError: a word is in both lists.
    """

    drop: WordList = ()
    unlike: WordList = ()
    passes_over: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "passes_over", isinstance(self.drop, str | Path))
        for name, what in (("drop", "list of words to drop"), ("unlike", "list of words to add")):
            object.__setattr__(self, name, listed_words(name, getattr(self, name), what))
        if both := set(map(plain, self.drop)) & set(map(plain, self.unlike)):
            raise ConfigError(f"{min(both)!r} is in drop and in unlike: leave it out of one.")

    def __bool__(self) -> bool:
        return bool(self.drop or self.unlike)

    def __call__(self, bank: LabelBank, encode: Encode) -> LabelBank:
        """The bank with these changes, which its recipe tells; ``encode`` is asked for the added words alone.

        Raises:
            ConfigError: a word to drop is no negative, one to add is a class name, or no negatives stay.
        """
        if not self:
            return bank
        known, gone = set(map(plain, bank.negatives)), set(map(plain, self.drop))
        self._check(bank, known)
        added = list({plain(word): spaced(word) for word in self.unlike if plain(word) not in known}.values())
        kept = [row for row, word in enumerate(bank.negatives) if plain(word) not in gone]
        if not kept and not added:
            raise ConfigError(f"drop takes all {len(bank.negatives):,} negatives out: leave some.")
        features = encode(added, Prompts(**bank.recipe["prompts"]).noun)
        similarity = quantile_similarity(features, bank.label_features, _quantile(bank.recipe))
        dropped = [word for word in bank.negatives if plain(word) in gone]
        return replace(
            bank,
            negatives=(*(bank.negatives[row] for row in kept), *added),
            parts_of_speech=(*(bank.parts_of_speech[row] for row in kept), *["noun"] * len(added)),
            distances=torch.cat([bank.distances[kept], 1 - similarity]),
            negative_features=torch.cat([bank.negative_features[kept], features]),
            recipe=_told(bank.recipe, drop=dropped, unlike=added),
        )

    def _check(self, bank: LabelBank, known: set[str]) -> None:
        lost = [word for word in self.drop if plain(word) not in known]
        if lost and not self.passes_over:
            raise ConfigError(
                f"drop: {lost[0]!r} is none of the {len(bank.negatives):,} negatives by {bank.recipe['method']}: leave "
                f"it out, or give a file, whose other words are passed over; {did_you_mean(lost[0], bank.negatives)}"
            )
        labels = set(map(plain, bank.labels))
        if own := [word for word in self.unlike if plain(word) in labels]:
            raise ConfigError(f"unlike: {own[0]!r} is a class name, and would speak against its class: leave it out.")


def _quantile(recipe: dict[str, Any]) -> float:
    """Of the cosines, the one that the miner's distances are of; of a filter's, its pool's."""
    while "pool" in recipe:
        recipe = recipe["pool"]
    return recipe.get("quantile", 0.95)


def _told(recipe: dict[str, Any], **edits: list[str]) -> dict[str, Any]:
    """The recipe with what was done, behind what was done to a saved bank before."""
    return recipe | {name: [*recipe.get(name, ()), *words] for name, words in edits.items()}
