"""Miners that choose from a corpus: the farthest words (NegMining), and the control that draws them at random."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmneglabel.corpus import AUTHORS_CORPUS, Corpus, read_corpus
from mmneglabel.corpus.words import AUTHORS, AUTHORS_FOLDER, OURS, corpus_path, read_lists, unlike_authors
from mmneglabel.errors import ConfigError, flag, seeds, whole, within
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.miners import Encode, Miner, Words
from mmneglabel.mining.select import ROWS, keep_count, quantile_similarity, ranked


@dataclass(frozen=True, kw_only=True)
class CorpusMiner(Miner):
    """A miner that chooses from a corpus, the same share of each part of speech.

    Args:
        corpus: None for the WordNet lists that come with the project; "neglabel" for those of NegLabel's authors, which
            the papers' numbers come from, in ``data/neglabel/txtfiles`` (where they are not there: the project's); a
            folder in their form; or a plain word list.
        exclude: lexicographer files left out.
        exclude_words: words left out, as a sequence or the path of a list.
        ratio: which share of the nouns, and of the adjectives, is kept; in (0, 1].
        count: how many words are kept in place of a ratio, shared out by how many nouns and adjectives there are,
            rounded up for nouns.
        quantile: of a word's cosines to the labels that counts as its similarity; in [0, 1].
        drop_labels: whether words equal to an ID label, case and all, are no candidates.
    """

    corpus: str | Path | None = None
    exclude: Sequence[str] = ("noun.animal", "noun.food")
    exclude_words: Sequence[str] | str = ()
    ratio: float = 0.15
    count: int | None = None
    quantile: float = 0.95
    drop_labels: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, 0, 1, quantile=self.quantile)
        within(self, 0, 1, above=True, ratio=self.ratio)
        flag(self, drop_labels=self.drop_labels)
        if self.count is not None:
            whole(self, count=self.count)
            if self.ratio != type(self).ratio:
                raise ConfigError(
                    f"{type(self).__name__}: ratio={self.ratio!r} and count={self.count!r} both say how many words are "
                    "kept: leave one out."
                )

    @cached_property
    def words(self) -> Corpus:
        """The candidates, read once."""
        return read_corpus(self.corpus, exclude=self.exclude, exclude_words=self.exclude_words)

    def sources(self) -> dict[str, Any]:
        """The candidates' digests and what is chosen; what is unset is left out, so that banks of before stay valid."""
        nouns, adjectives = self.words.digests
        settings = {"quantile": self.quantile} | ({"drop_labels": True} if self.drop_labels else {})
        settings |= {"ratio": self.ratio} if self.count is None else {"count": self.count}
        return {"words": str(self.words), "nouns": nouns, "adjectives": adjectives, **settings}

    def notes(self, bank: LabelBank) -> list[str]:
        """That the papers' words were wanted and others were taken."""
        if self.corpus != AUTHORS_CORPUS or self.words.whose == AUTHORS:
            return []
        why = "is not there (txtfiles/README.md says how to get it)"
        if self.words.whose != OURS:
            differing = unlike_authors(read_lists(corpus_path(self.corpus)))
            why = f"differs from their release in {len(differing)} files, such as {differing[0]}.txt"
        return [f"Not the papers' words but {self.words}: {AUTHORS_FOLDER} {why}."]

    def candidates(self, labels: Sequence[str]) -> tuple[Words, Words]:
        """Nouns and adjectives, in corpus order."""
        dropped = set(labels) if self.drop_labels else set()
        parts = ((self.words.nouns, "noun"), (self.words.adjectives, "adj"))
        nouns, adjectives = ([(word, pos) for word in words if word not in dropped] for words, pos in parts)
        return nouns, adjectives

    def kept(self, labels: Sequence[str]) -> tuple[Words, Words]:
        """The candidates, if as many of them as are wished, and any at all, will stay."""
        nouns, adjectives = self.candidates(labels)
        if self.count is not None and self.count > len(nouns) + len(adjectives):
            raise ConfigError(
                f"{type(self).__name__}: count is {self.count}, and its words and rules leave "
                f"{len(nouns) + len(adjectives)} candidates: set a smaller one, or give more words."
            )
        self.some(sum(self.shares(len(nouns), len(adjectives))))
        return nouns, adjectives

    def shares(self, nouns: int, adjectives: int) -> tuple[int, int]:
        """How many of so many nouns, and of so many adjectives, are kept."""
        if self.count is None:
            return keep_count(nouns, self.ratio), keep_count(adjectives, self.ratio)
        of_adjectives = self.count * adjectives // max(1, nouns + adjectives)
        return self.count - of_adjectives, of_adjectives


def share_words(miners: Iterable[object]) -> None:
    """Let those of the ``miners`` that are to read the same words read them once."""
    readers: dict[str, CorpusMiner] = {}
    for miner in miners:
        if isinstance(miner, CorpusMiner) and type(miner).words is CorpusMiner.words:
            first = readers.setdefault(repr((miner.corpus, miner.exclude, miner.exclude_words)), miner)
            if first is not miner:
                vars(miner).setdefault("words", first.words)


class NegMining(CorpusMiner):
    """NegMining: the words farthest from all labels, nouns and adjectives apart (NegLabel, ICLR 2024, algorithm 1)."""

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The farthest of the nouns, then of the adjectives."""
        nouns, adjectives = self.kept(labels)
        words = nouns + adjectives
        features = self.encode(words, encode)
        near = partial(self.similarity, label_features=label_features)
        similarity = encode.shared(near, features, ROWS) if hasattr(encode, "shared") else near(features)
        of_nouns, of_adjectives = map(ranked, similarity.split([len(nouns), len(adjectives)]))
        most_nouns, most_adjectives = self.shares(len(of_nouns), len(of_adjectives))
        chosen = torch.cat([of_nouns[:most_nouns], len(nouns) + of_adjectives[:most_adjectives]])
        return [words[i] for i in chosen.tolist()], features[chosen], similarity[chosen]

    def similarity(self, features: Tensor, label_features: Tensor) -> Tensor:
        """How near (n,) each candidate is to the labels, whatever the others are: processes share them."""
        return quantile_similarity(features, label_features, self.quantile)


@dataclass(frozen=True, kw_only=True)
class RandomWords(CorpusMiner):
    """The control: as many words as NegMining keeps, drawn at random instead of by distance.

    Args:
        seed: of the draw, an integer of 64 bits.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        seeds(self, seed=self.seed)

    def sources(self) -> dict[str, Any]:
        """The corpus's, and the seed."""
        return super().sources() | {"seed": self.seed}

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """As many nouns, then adjectives, from a generator of our own."""
        parts = self.kept(labels)
        generator = torch.Generator().manual_seed(self.seed)
        words: Words = []
        for part, most in zip(parts, self.shares(*map(len, parts)), strict=True):
            drawn = torch.randperm(len(part), generator=generator)[:most]
            words += [part[i] for i in drawn.tolist()]
        features = self.encode(words, encode)
        return words, features, quantile_similarity(features, label_features, self.quantile)
