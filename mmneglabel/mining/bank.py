"""LabelBank: ID labels and negative labels with their text features, ready to compare images with."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining.select import has_direction
from mmneglabel.scores import TextFeatures
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.store import FileKind

_EDITS = {"drop": "dropped", "unlike": "added"}


@dataclass(frozen=True, eq=False)
class LabelBank:
    """Everything that label-based scores compare images with, so that no text is encoded after mining.

    Negatives are in mined order throughout, nouns first, each part of speech farthest first, and behind them what a
    user added: ``negatives[i]``, ``negative_features[i]`` and ``distances[i]`` are of one word. Into which groups a
    score cuts them is its own.

    Attributes:
        labels: the K class names.
        label_features: (K, D), unit norm, float32.
        negatives: the M negative words.
        parts_of_speech: "noun" or "adj" for each negative.
        distances: (M,) cosine distance ``1 - quantile similarity`` to the labels, in [0, 2].
        negative_features: (M, D), unit norm, float32.
        recipe: what the bank was made from: method, parameters, prompts, digests of words and of the text tower; the
            words that were dropped and added since.

    Raises:
        DataError: the parts do not fit together, or a feature is not of unit norm.
    """

    labels: tuple[str, ...]
    label_features: Tensor
    negatives: tuple[str, ...]
    parts_of_speech: tuple[str, ...]
    distances: Tensor
    negative_features: Tensor
    recipe: dict[str, Any]

    def __post_init__(self) -> None:
        count, width = len(self.negatives), self.label_features.shape[-1]
        features = (self.label_features, self.negative_features)
        fits = (
            self.label_features.shape == (len(self.labels), width)
            and self.negative_features.shape == (count, width)
            and len(self.parts_of_speech) == len(self.distances) == count
            and {"method", "prompts", "text_tower"} <= self.recipe.keys()
        )
        if not fits:
            raise DataError(f"The parts of a label bank do not fit together ({count} negatives): mine it again.")
        if not all(part.dtype == torch.float32 and has_direction(part).all() for part in features):
            raise DataError("A label bank's features hold zeros, NaN or infinity: the text tower's weights are broken.")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the recipe, what a cache knows a mined bank by."""
        return fingerprint(self.recipe)

    @property
    def texts(self) -> TextFeatures:
        """The features as scores read them: ``NegLabelScore()(Similarities(images, bank.texts))``."""
        return TextFeatures(self.label_features, self.negative_features)

    def text_map(self) -> Tensor:
        """Where the labels and, behind them, the negatives lie on a map, (K + M, 2) float32.

        Coordinates are along the two directions in which the features of all of them vary most (PCA), the mean at 0.
        """
        features = torch.cat([self.label_features, self.negative_features]).double()
        features -= features.mean(dim=0)
        _, axes = torch.linalg.eigh(features.T @ features)  # ascending, so the last two
        axes = axes[:, -2:].flip(1)
        # An axis may point either way: the same on every machine, its largest part is positive.
        axes = axes * axes.gather(0, axes.abs().argmax(dim=0, keepdim=True)).sign()
        return (features @ axes).float()

    def summary(self) -> str:
        """One line for people: sizes, method, whose words."""
        count, nouns = len(self.negatives), self.parts_of_speech.count("noun")
        if not count:
            return f"{len(self.labels):,} labels alone"
        words = f" from {self.recipe['words']}" if "words" in self.recipe else ""
        edits = [f"{len(self.recipe[name])} {done}" for name, done in _EDITS.items() if self.recipe.get(name)]
        return (
            f"{len(self.labels):,} labels, {count:,} negatives ({nouns:,} nouns, {count - nouns:,} adjectives) by "
            f"{self.recipe['method']}{words}{''.join(f', {edit}' for edit in edits)}"
        )


BANK_FILE = FileKind(LabelBank, "label bank", version=2, mend="mine it again")


def save_bank(bank: LabelBank, path: str | Path) -> None:
    """Write ``bank`` to ``path`` (``.safetensors``), all of it or nothing, whoever else writes there."""
    BANK_FILE.write(bank, path)


def load_bank(path: str | Path) -> LabelBank:
    """Read a bank back; a :class:`DataError` says what is wrong with the file."""
    return BANK_FILE.read(path)


@dataclass(frozen=True, kw_only=True)
class SavedBank:
    """Stands for a miner where a bank was mined and saved before; only the text tower that made it can use it.

    Args:
        path: the file.
    """

    path: str | Path

    @cached_property
    def bank(self) -> LabelBank:
        """The bank, read once."""
        return load_bank(self.path)

    def fingerprint(self, labels: Sequence[str], text_tower: str) -> str:
        """That of all that is in the file: what the recipe says of a bank may have been changed by hand since.

        Raises:
            ConfigError: another text tower made it.
        """
        if self.bank.recipe["text_tower"] != text_tower:
            raise ConfigError(
                f"The bank in {str(self.path)!r} was mined with another text tower than this model's: give the model's "
                "own weights, or mine a bank for it."
            )
        return BANK_FILE.checksum(self.bank)

    def mine(self, labels: Sequence[str], encode: object, text_tower: str) -> LabelBank:
        """The bank as it is."""
        return self.bank

    def notes(self, bank: LabelBank) -> list[str]:
        """Nothing is known of the words behind it."""
        return []
