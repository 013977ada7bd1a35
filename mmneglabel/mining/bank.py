"""LabelBank: ID labels and negative labels with their text features, ready to score images against."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError


@dataclass(frozen=True, eq=False)
class LabelBank:
    """Everything the static label-based scores need, so that no text is encoded after mining.

    Negatives have two orders. ``negatives``, ``parts_of_speech`` and ``distances`` are in mined order, nouns
    first, each part of speech farthest first. ``negative_features`` are in scoring order, so that group g of
    ``groups`` equal groups is a contiguous slice: row r belongs to negative ``order[r]``. The last
    ``M mod groups`` rows of the scoring order (the last mined) are left out of every group, as in the authors' code.

    Attributes:
        labels: the K class names.
        label_features: (K, D), unit norm, float32.
        negatives: the M negative words.
        parts_of_speech: "noun" or "adj" for each negative.
        distances: (M,) cosine distance ``1 - quantile similarity`` to the labels, in [0, 2].
        negative_features: (M, D), unit norm, float32, in scoring order.
        order: (M,) the mined position of each row of ``negative_features``.
        groups: into how many groups the scoring order is cut; 0 for a bank without negatives.
        seed: of the private generator that drew the permutation.
        recipe: what the bank was made from: method, parameters, prompts, digests of words and of the text tower.
    """

    labels: tuple[str, ...]
    label_features: Tensor
    negatives: tuple[str, ...]
    parts_of_speech: tuple[str, ...]
    distances: Tensor
    negative_features: Tensor
    order: Tensor
    groups: int
    seed: int
    recipe: dict[str, Any]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the recipe: two banks with one fingerprint were made from the same things."""
        return fingerprint(self.recipe)

    @property
    def grouped(self) -> int:
        """How many negatives the groups hold, ``M - M mod groups``."""
        return len(self.negatives) - len(self.negatives) % self.groups if self.groups else 0

    def regroup(self, groups: int) -> "LabelBank":
        """The same words cut into ``groups`` groups, with a permutation from the same seed.

        Raises:
            ConfigError: ``groups`` is below 1 or above the number of negatives.
        """
        if groups == self.groups:
            return self
        order = group_order(len(self.negatives), groups, self.seed)
        mined = torch.empty_like(self.negative_features)
        mined[self.order] = self.negative_features
        return replace(self, negative_features=mined[order], order=order, groups=groups)

    def summary(self) -> str:
        """One line for people: sizes, method and fingerprint."""
        nouns = self.parts_of_speech.count("noun")
        return (
            f"{len(self.labels)} labels, {len(self.negatives)} negatives ({nouns} nouns, "
            f"{len(self.negatives) - nouns} adjectives) in {self.groups} groups, "
            f"by {self.recipe['method']} with seed {self.seed}, fingerprint {self.fingerprint[:12]}"
        )


def group_order(count: int, groups: int, seed: int) -> Tensor:
    """Scoring order (count,): the first ``count - count mod groups`` permuted once, then the rest.

    The generator is private and on the CPU, so the order is the same on every device and process, and the global
    random state is never touched.

    Raises:
        ConfigError: ``groups`` is below 1 or above ``count``.
    """
    if not count:
        raise ConfigError(
            "No negatives to group: the word list and the ratio leave none; raise ratio or use more words."
        )
    if not 1 <= groups <= count:
        raise ConfigError(
            f"groups={groups} for {count} negatives: set groups between 1 and {count}, or mine more "
            "(a larger ratio, fewer excluded words)."
        )
    kept = count - count % groups
    permutation = torch.randperm(kept, generator=torch.Generator().manual_seed(seed))
    return torch.cat([permutation, torch.arange(kept, count)])


def fingerprint(recipe: dict[str, Any]) -> str:
    """SHA-256 of a JSON-able recipe, independent of key order."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
