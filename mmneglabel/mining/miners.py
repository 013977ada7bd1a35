"""What a miner is: class names in, LabelBank out; and the two that choose nothing: ready lists, labels only."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from inspect import getsource
from itertools import takewhile
from pathlib import Path
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from mmneglabel.corpus import Prompts, read_negatives
from mmneglabel.corpus.words import PUBLISHED_LIST, whose
from mmneglabel.errors import ConfigError, flag
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.select import check_labels, quantile_similarity, say_left_out, with_direction
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.text_files import read_words

VERSION = 3
"""Part of every fingerprint: raised when mining itself changes, so that banks of before are not taken for today's."""


class Encode(Protocol):
    """The text tower as mining sees it.

    One of several processes may also have ``shared(compute, rows, step)``: ``compute(rows)`` of rows (n, …) that do not
    depend on each other, each process working on its share of the blocks of ``step``.
    """

    def __call__(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> Tensor:
        """Unit-norm features (N, D) of N words, float32 on the CPU; see ``mmneglabel.backbones.encode_words``."""


Words = list[tuple[str, str]]
"""Words with their part of speech, "noun" or "adj"."""


@dataclass(frozen=True, kw_only=True)
class Miner(ABC):
    """What all miners share.

    Args:
        prompts: the templates, a :class:`Prompts` or a dict of those of its fields that differ from the method's own.
    """

    own_prompts: ClassVar[Prompts] = Prompts()

    prompts: Prompts | dict[str, str | Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.prompts, Prompts):
            object.__setattr__(self, "prompts", self.own_prompts.changed(self.prompts))

    @abstractmethod
    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The M negatives in mined order, their features (M, D) and similarities (M,) to the labels.

        What can be refused without features is refused before ``encode`` is called: encoding takes long.
        """

    @abstractmethod
    def sources(self) -> dict[str, Any]:
        """What the choice depends on besides labels, prompts and text tower, as JSON-able values.

        ``words`` among them says whose words they are, for people.
        """

    def choice(self) -> dict[str, Any]:
        """The method's name, its sources, and what a class from outside the package adds: its fields and its text.

        So no bank in a cache outlives a change of one's own miner.
        """
        kinds = [kind for kind in type(self).__mro__ if issubclass(kind, Miner)]
        outside = list(takewhile(lambda kind: not kind.__module__.startswith("mmneglabel."), kinds))
        own = {field.name for field in fields(self)} - {field.name for field in fields(kinds[len(outside)])}
        settings = {name: _plain(getattr(self, name)) for name in sorted(own)}
        code = {"code": fingerprint([_text(kind) for kind in outside])} if outside else {}
        return {"method": type(self).__name__, **settings, **code, **self.sources()}

    def notes(self, bank: LabelBank) -> list[str]:
        """What should be said, a sentence each, of the words behind a bank of this miner's."""
        return []

    def encode(self, words: Words, encode: Encode) -> Tensor:
        """Features (M, D) of the negatives, each part of speech with its own templates."""
        nouns, adjectives = ([word for word, part in words if (part == "adj") == wanted] for wanted in (False, True))
        features = torch.cat([encode(nouns, self.prompts.noun), encode(adjectives, self.prompts.adjective)])
        # `nouns_first` says which word each row is of; its argsort, the inverse, says which row each word has.
        nouns_first = sorted(range(len(words)), key=lambda i: words[i][1] == "adj")
        features = features[torch.tensor(nouns_first, dtype=torch.long).argsort()]
        say_left_out(words, features)
        return features

    def recipe(self, labels: Sequence[str], text_tower: str) -> dict[str, Any]:
        """Everything that decides the bank, known before any text is encoded; the tower by ``text_fingerprint()``."""
        return {
            "version": VERSION,
            **self.choice(),
            "prompts": {name: list(templates) for name, templates in asdict(self.prompts).items()},
            "labels": fingerprint(list(labels)),
            "text_tower": text_tower,
        }

    def fingerprint(self, labels: Sequence[str], text_tower: str) -> str:
        """The fingerprint of the bank that :meth:`mine` would make."""
        return fingerprint(self.recipe(labels, text_tower))

    def mine(self, labels: Sequence[str], encode: Encode, text_tower: str) -> LabelBank:
        """Encode and choose."""
        label_features = check_labels(labels, encode(labels, self.prompts.label))
        chosen = self.choose(labels, label_features, encode)
        words, features, similarity = with_direction(*chosen)
        if chosen[0]:
            self.some(len(words))  # a tower may give no word features
        return LabelBank(
            labels=tuple(labels),
            label_features=label_features,
            negatives=tuple(word for word, _ in words),
            parts_of_speech=tuple(pos for _, pos in words),
            distances=1 - similarity,
            negative_features=features,
            recipe=self.recipe(labels, text_tower),
        )

    def some(self, count: int) -> None:
        """Refuse a choice that leaves no negatives: before the candidates are encoded, where that can be known.

        Raises:
            ConfigError: ``count``, of the negatives that will stay, is 0.
        """
        if not count:
            raise ConfigError(
                f"{type(self).__name__}: no negatives stay by its words and rules: give more words, a larger ratio or "
                "fewer exclusions."
            )


def _text(kind: type) -> str:
    """The text of a class; empty where it has none, as in a console."""
    try:
        return getsource(kind)
    except (OSError, TypeError):
        return ""


def _plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


@dataclass(frozen=True, kw_only=True)
class ReadyList(Miner):
    """A list of negatives that somebody chose already, one a line, bare words or whole prompts.

    Args:
        path: the list; its order is the mined order.
        drop_labels: whether entries equal to a class name, whatever their case, are left out, as EOE does.
    """

    path: str | Path
    drop_labels: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        flag(self, drop_labels=self.drop_labels)

    @cached_property
    def words(self) -> Words:
        """The list, read once."""
        return list(read_negatives(self.path, self.prompts))

    def sources(self) -> dict[str, Any]:
        """The list's digest."""
        listed = fingerprint([f"{pos} {word}" for word, pos in self.words])
        owner = whose({PUBLISHED_LIST.stem: read_words(self.path)})
        words = f"{owner}: {len(self.words):,} listed"
        return {"words": words, "negatives": listed, "drop_labels": self.drop_labels}

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """All that are no class names, if so wished; the distances are for information."""
        dropped = {label.casefold() for label in labels} if self.drop_labels else set()
        words = [(word, pos) for word, pos in self.words if word.casefold() not in dropped]
        self.some(len(words))
        features = self.encode(words, encode)
        return words, features, quantile_similarity(features, label_features, 0.95)


@dataclass(frozen=True, kw_only=True)
class LabelsOnly(Miner):
    """No negatives: the bank of scores that know the ID labels alone (MCM, MaxLogit, Energy)."""

    def sources(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """None."""
        return [], label_features[:0], label_features[:0, 0]
