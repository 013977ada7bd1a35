"""What one training step sees: pictures of a few concepts, their words, extra words and WordNet pairs."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from augment import Augment
from concepts import Concept
from drawings import Drawings
from torch import Tensor
from torch.utils.data import IterableDataset
from words import ConceptWords, WordPairs, prompted

CONCEPTS, ANIMALS, VIEWS, EXTRA, PAIRS = 104, 32, 2, 256, 224
RAMP_UP, RAMP_DOWN, REST = 0.15, 0.2, 0.3


@dataclass
class Batch:
    """One step's input.

    Attributes:
        pictures: float (CONCEPTS * VIEWS, 3, 64, 64) in 0..1.
        texts: The concepts' words, the extra words, the pairs' left and right texts, in this order.
        blocked: bool (CONCEPTS, CONCEPTS + EXTRA), see `image_text_loss`.
        same: bool (PAIRS, PAIRS), see `text_text_loss`.
    """

    pictures: Tensor
    texts: list[str]
    blocked: Tensor
    same: Tensor


def strength_at(progress: float) -> float:
    """How strongly to augment: up over the first part of training, down at the end."""
    up = min(1.0, progress / RAMP_UP)
    down = max(0.0, (progress - 1 + RAMP_DOWN) / RAMP_DOWN)
    return up * (1 - (1 - REST) * down)


class Batches(IterableDataset):
    """Draws batches from one seeded source of randomness.

    Args:
        concepts: All concepts.
        drawings: Their training drawings.
        words: Their words.
        pairs: WordNet's text pairs.
        steps: Length of the training.
        seed: For everything random here.
    """

    def __init__(
        self,
        concepts: list[Concept],
        drawings: Drawings,
        words: ConceptWords,
        pairs: WordPairs,
        steps: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.steps = steps
        self.drawings, self.words, self.pairs = drawings, words, pairs
        self.rng = random.Random(seed)
        self.augment = Augment(torch.Generator().manual_seed(seed))
        seen = [i for i, places in enumerate(drawings.places) if places]
        self.animals = [i for i in seen if concepts[i].folder == "animals"]
        self.others = [i for i in seen if concepts[i].folder != "animals"]
        self.may_flip = torch.tensor([concept.folder != "symbols" for concept in concepts])

    def __iter__(self) -> Iterator[Batch]:
        """The batches of a whole training; meant for one loader worker, which works beside the trainer."""
        return (self.draw(step / self.steps) for step in range(1, self.steps + 1))

    def draw(self, progress: float) -> Batch:
        """The batch of a step that lies at `progress` (0..1) of training."""
        chosen = self.rng.sample(self.animals, ANIMALS) + self.rng.sample(self.others, CONCEPTS - ANIMALS)
        taken = set(chosen)
        extra = self.rng.choices([i for i in self.animals + self.others if i not in taken], k=EXTRA)
        spoken = [self.words.draw(i, self.rng) for i in chosen + extra]
        pairs = [self.pairs.draw(self.rng) for _ in range(PAIRS)]
        left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        texts = [prompted(word, self.rng) for word in spoken] + left + right
        return Batch(self.pictures(chosen, progress), texts, self.blocked(chosen, spoken), equal_texts(left, right))

    def pictures(self, chosen: list[int], progress: float) -> Tensor:
        """Augmented pictures, the views of a concept side by side."""
        places = [place for i in chosen for place in self.drawings.draw(i, VIEWS, self.rng)]
        may_flip = self.may_flip[chosen].repeat_interleave(VIEWS)
        return self.augment(self.drawings.stack(places), may_flip, strength_at(progress))

    def blocked(self, chosen: list[int], spoken: list[str]) -> Tensor:
        """Words that are true of a chosen concept without being its own text."""
        mask = torch.tensor([[word in self.words.known[i] for word in spoken] for i in chosen])
        mask[range(len(chosen)), range(len(chosen))] = False
        return mask


def equal_texts(left: list[str], right: list[str]) -> Tensor:
    """Off-diagonal pairs that share a text, for instance a common hypernym."""
    same = torch.tensor([[a == b for b in right] for a in right]) | torch.tensor([[a == b for b in left] for a in left])
    return same.fill_diagonal_(False)
