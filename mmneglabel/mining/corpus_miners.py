"""Miners that choose from a corpus: the farthest words (NegMining), and the control that draws them at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmneglabel.corpus import AUTHORS_CORPUS, Corpus, read_corpus
from mmneglabel.corpus.words import AUTHORS, AUTHORS_FOLDER, OURS, corpus_path, read_lists, unlike_authors
from mmneglabel.errors import seeds, within
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.miners import Encode, Miner, Words
from mmneglabel.mining.select import farthest, keep_count, quantile_similarity
from mmneglabel.storage.store import fingerprint


@dataclass(frozen=True, kw_only=True)
class CorpusMiner(Miner):
    """A miner that chooses from a corpus, a fixed share of each part of speech.

    Args:
        corpus: None for the WordNet lists that come with the project; "neglabel" for those of NegLabel's authors, which
            the papers' numbers come from, in ``data/neglabel/txtfiles`` (where they are not there: the project's); a
            folder in their form; or a plain word list.
        exclude: lexicographer files left out.
        exclude_words: words left out, as a sequence or the path of a list.
        ratio: which share of the nouns, and of the adjectives, is kept; in (0, 1].
        quantile: of a word's cosines to the labels that counts as its similarity; in [0, 1].
    """

    corpus: str | Path | None = None
    exclude: Sequence[str] = ("noun.animal", "noun.food")
    exclude_words: Sequence[str] | str = ()
    ratio: float = 0.15
    quantile: float = 0.95

    def __post_init__(self) -> None:
        super().__post_init__()
        within(self, 0, 1, quantile=self.quantile)
        within(self, 0, 1, above=True, ratio=self.ratio)

    @cached_property
    def words(self) -> Corpus:
        """The candidates, read once."""
        return read_corpus(self.corpus, exclude=self.exclude, exclude_words=self.exclude_words)

    def sources(self) -> dict[str, Any]:
        """The candidates' digests and the two parameters."""
        nouns, adjectives = fingerprint(self.words.nouns), fingerprint(self.words.adjectives)
        settings = {"ratio": self.ratio, "quantile": self.quantile}
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
        return [(word, "noun") for word in self.words.nouns], [(word, "adj") for word in self.words.adjectives]

    def kept(self, labels: Sequence[str]) -> tuple[Words, Words]:
        """The candidates, if any of them will stay."""
        nouns, adjectives = self.candidates(labels)
        self.some(keep_count(len(nouns), self.ratio) + keep_count(len(adjectives), self.ratio))
        return nouns, adjectives


class NegMining(CorpusMiner):
    """NegMining: the words farthest from all labels, nouns and adjectives apart (NegLabel, ICLR 2024, algorithm 1)."""

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The farthest ``ratio`` of the nouns, then of the adjectives."""
        nouns, adjectives = self.kept(labels)
        words = nouns + adjectives
        features = self.encode(words, encode)
        similarity = self.similarity(features, label_features)
        noun_similarity, adjective_similarity = similarity.split([len(nouns), len(adjectives)])
        chosen = torch.cat([
            farthest(noun_similarity, self.ratio),
            farthest(adjective_similarity, self.ratio) + len(nouns),
        ])  # fmt: skip
        return [words[i] for i in chosen.tolist()], features[chosen], similarity[chosen]

    def similarity(self, features: Tensor, label_features: Tensor) -> Tensor:
        """How near (n,) each candidate is to the labels."""
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
        """``int(n * ratio)`` nouns, then adjectives, from a generator of our own."""
        parts = self.kept(labels)
        generator = torch.Generator().manual_seed(self.seed)
        words: Words = []
        for part in parts:
            drawn = torch.randperm(len(part), generator=generator)[: keep_count(len(part), self.ratio)]
            words += [part[i] for i in drawn.tolist()]
        features = self.encode(words, encode)
        return words, features, quantile_similarity(features, label_features, self.quantile)
