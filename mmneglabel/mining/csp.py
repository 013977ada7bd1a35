"""CSP: NegMining over a conjugated semantic pool (NeurIPS 2024, arXiv 2410.08611)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from mmneglabel.corpus import DEFAULT_EXCLUDE, Prompts
from mmneglabel.errors import ConfigError, seeds, within
from mmneglabel.mining.corpus_miners import NegMining
from mmneglabel.mining.miners import Words
from mmneglabel.mining.select import quantile_similarity

SUPERCLASSES = (
    "environment", "space", "object", "scene", "place", "item", "area",
    "view", "thing", "pattern", "structure", "landscape", "vista", "creature",
)  # fmt: skip
"""What an adjective may describe: wide classes whose conjunctions with adjectives lie between known classes."""

NOUN_TEMPLATES = (
    "a close-up photo of the nice {}.", "a photo with the nice {}.", "a good photo with the nice {}.",
    "a photo of the nice {}.", "{}", "the {}", "the good {}", "the nice {}",
)  # fmt: skip
ADJECTIVE_TEMPLATES = ("{}", "a nice photo of {}", "a good photo of {}", "a close-up photo of {}")


@dataclass(frozen=True, kw_only=True)
class CSP(NegMining):
    """NegMining over nouns, and over adjectives each joined to a superclass, with averaged templates.

    Args:
        prompts: by default eight templates of labels and nouns and four of "adjective superclass".
        exclude: lexicographer files left out.
        superclasses: of which each adjective gets one, drawn from a generator of our own in corpus order.
        drop_labels: whether nouns equal to an ID label, case and all, are no candidates, as where NegRefine calls CSP;
            in CSP's own code they are, and ``near`` ranks them last.
        near: a candidate with a larger cosine than this to any ID label is ranked last, as if it were that label.
        quantile: 0.95 in CSP's own code, 1.0 where NegRefine calls it.
        seed: of the draw of superclasses.
    """

    own_prompts: ClassVar[Prompts] = Prompts(label=NOUN_TEMPLATES, noun=NOUN_TEMPLATES, adjective=ADJECTIVE_TEMPLATES)

    exclude: Sequence[str] = (*DEFAULT_EXCLUDE, "noun.person", "noun.quantity", "noun.group", "adj.pert")
    superclasses: Sequence[str] = SUPERCLASSES
    near: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        words = self.superclasses
        is_list = isinstance(words, Sequence) and not isinstance(words, str)
        if not is_list or not words or not all(isinstance(word, str) for word in words):
            raise ConfigError(f"CSP: superclasses must be a list of at least one word, got {self.superclasses!r}.")
        within(self, -1, 1, near=self.near)
        seeds(self, seed=self.seed)

    def sources(self) -> dict[str, Any]:
        """NegMining's, and CSP's own settings."""
        own = {"superclasses": list(self.superclasses), "near": self.near, "drop_labels": self.drop_labels}
        return super().sources() | own | {"seed": self.seed}

    def candidates(self, labels: Sequence[str]) -> tuple[Words, Words]:
        """The nouns, and every adjective with its superclass."""
        dropped = set(labels) if self.drop_labels else set()
        drawn = random.Random(self.seed)
        nouns = [(noun, "noun") for noun in self.words.nouns if noun not in dropped]
        return nouns, [(f"{word} {drawn.choice(self.superclasses)}", "adj") for word in self.words.adjectives]

    def similarity(self, features: Tensor, label_features: Tensor) -> Tensor:
        """NegMining's, but 1 for what is nearly an ID label: a quantile below 1 would overlook it."""
        similarity = quantile_similarity(features, label_features, self.quantile)
        nearest = similarity if self.quantile == 1 else quantile_similarity(features, label_features, 1.0)
        return torch.where(nearest > self.near, 1.0, similarity)
