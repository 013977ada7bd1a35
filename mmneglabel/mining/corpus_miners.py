"""Miners that choose from a corpus: the farthest words (NegMining), and the control that draws them at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmneglabel.corpus import AUTHORS_CORPUS, Corpus, read_corpus
from mmneglabel.corpus.known_words import AUTHORS, AUTHORS_FOLDER, OURS, unlike_authors
from mmneglabel.corpus.words import corpus_path, read_lists
from mmneglabel.mining.bank import LabelBank, fitting_groups
from mmneglabel.mining.miners import Encode, Miner, Words, digest
from mmneglabel.mining.select import check_quantile, farthest, keep_count, quantile_similarity


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
        check_quantile(self.quantile)
        keep_count(0, self.ratio)  # refuses a ratio out of range

    @cached_property
    def words(self) -> Corpus:
        """The candidates, read once."""
        return read_corpus(self.corpus, exclude=self.exclude, exclude_words=self.exclude_words)

    def sources(self) -> dict[str, Any]:
        """The candidates' digests and the two parameters."""
        nouns, adjectives = digest(self.words.nouns), digest(self.words.adjectives)
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

    def enough(self, nouns: Words, adjectives: Words) -> None:
        """Refuse candidates of which too few will be kept for the groups, before they are encoded.

        Raises:
            ConfigError: they are too few.
        """
        fitting_groups(self.groups, sum(keep_count(len(words), self.ratio) for words in (nouns, adjectives)))


class NegMining(CorpusMiner):
    """NegMining: the words farthest from all labels, nouns and adjectives apart (NegLabel, ICLR 2024, algorithm 1)."""

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The farthest ``ratio`` of the nouns, then of the adjectives."""
        nouns, adjectives = self.candidates(labels)
        self.enough(nouns, adjectives)
        words = nouns + adjectives
        features = self.encode(words, encode)
        similarity = self.similarity(features, label_features)
        noun_similarity, adjective_similarity = similarity.split([len(nouns), len(adjectives)])
        kept = torch.cat([
            farthest(noun_similarity, self.ratio),
            farthest(adjective_similarity, self.ratio) + len(nouns),
        ])  # fmt: skip
        return [words[i] for i in kept.tolist()], features[kept], similarity[kept]

    def similarity(self, features: Tensor, label_features: Tensor) -> Tensor:
        """How near (n,) each candidate is to the labels."""
        return quantile_similarity(features, label_features, self.quantile)


class RandomWords(CorpusMiner):
    """The control: as many words as NegMining keeps, drawn at random instead of by distance."""

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """``int(n * ratio)`` nouns, then adjectives, from a generator of our own."""
        parts = self.candidates(labels)
        self.enough(*parts)
        generator = torch.Generator().manual_seed(self.seed)
        words: Words = []
        for part in parts:
            drawn = torch.randperm(len(part), generator=generator)[: keep_count(len(part), self.ratio)]
            words += [part[i] for i in drawn.tolist()]
        features = self.encode(words, encode)
        return words, features, quantile_similarity(features, label_features, self.quantile)
