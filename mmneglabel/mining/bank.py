"""LabelBank: ID labels and negative labels with their text features, ready to score images against."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, DataError, is_whole
from mmneglabel.mining.directions import has_direction

DEFAULT_GROUPS = 100


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

    Raises:
        DataError: the parts do not fit together, or a feature is not of unit norm.
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

    def __post_init__(self) -> None:
        count, width = len(self.negatives), self.label_features.shape[-1]
        features = (self.label_features, self.negative_features)
        fits = (
            self.label_features.shape == (len(self.labels), width)
            and self.negative_features.shape == (count, width)
            and len(self.parts_of_speech) == len(self.distances) == count
            and torch.equal(self.order.sort().values, torch.arange(count))
            and (1 <= self.groups <= count if count else self.groups == 0)
            and {"method", "prompts", "text_tower"} <= self.recipe.keys()
        )
        if not fits:
            raise DataError(f"The parts of a label bank do not fit together ({count} negatives): mine it again.")
        if not all(part.dtype == torch.float32 and has_direction(part).all() for part in features):
            raise DataError("A label bank's features hold zeros, NaN or infinity: the text tower's weights are broken.")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the recipe: two banks with one fingerprint were made from the same things."""
        return fingerprint(self.recipe)

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
        words = f" from {self.recipe['words']}" if "words" in self.recipe else ""
        rest = f", the last {rest} in none" if self.groups and (rest := len(self.negatives) % self.groups) else ""
        return (
            f"{len(self.labels)} labels, {len(self.negatives)} negatives ({nouns} nouns, "
            f"{len(self.negatives) - nouns} adjectives) in {self.groups} groups{rest}, "
            f"by {self.recipe['method']} with seed {self.seed}{words}, fingerprint {self.fingerprint[:12]}"
        )


def group_order(count: int, groups: int, seed: int) -> Tensor:
    """Scoring order (count,): the first ``count - count mod groups`` permuted once, then the rest.

    The generator is private and on the CPU, so the order is the same on every device and process, and the global
    random state is never touched.

    Raises:
        ConfigError: ``groups`` is below 1 or above ``count``.
    """
    groups = fitting_groups(groups, count)
    kept = count - count % groups
    permutation = torch.randperm(kept, generator=torch.Generator().manual_seed(seed))
    return torch.cat([permutation, torch.arange(kept, count)])


def fitting_groups(groups: int | None, count: int) -> int:
    """Into how many groups ``count`` negatives are cut: ``groups``, or the default as far as there are negatives.

    Raises:
        ConfigError: ``groups`` is no integer between 1 and ``count``, or there are no negatives.
    """
    if not count:
        raise ConfigError("No negatives to group: the words and the ratio leave none; raise ratio or use more words.")
    if groups is None:
        return min(DEFAULT_GROUPS, count)
    if not is_whole(groups) or not 1 <= groups <= count:
        raise ConfigError(
            f"groups={groups!r} for {count} negatives: set groups to an integer between 1 and {count}, or mine more "
            "(a larger ratio, fewer excluded words)."
        )
    return groups


def fingerprint(recipe: dict[str, Any]) -> str:
    """SHA-256 of a JSON-able recipe, independent of key order."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
