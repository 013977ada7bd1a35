"""NegFilter: take back the negatives that are proper nouns or kinds of an ID label (NegRefine, ICCV 2025)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from mmneglabel.corpus import Prompts
from mmneglabel.corpus.words import USERS
from mmneglabel.errors import ConfigError, whole
from mmneglabel.judges import Judge
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.miners import Encode, LabelsOnly, Miner, Words

_SHORTEST = 3


@dataclass(frozen=True, kw_only=True)
class NegFilter(Miner):
    """A stage between a pool of negatives and the bank: what a judge objects to is left out.

    NegRefine (arXiv 2507.09795). Proper nouns go since images of them show what other words
    name (a city: buildings); kinds of an ID label go since they are no outliers. Words are cleaned as in the authors'
    code: letters of any alphabet, spaces, ``_`` and ``-`` stay, words that end shorter than three characters or equal
    to an earlier one of their part of speech go. The order of the pool is kept; the authors' is that of a Python set.

    Args:
        pool: the miner whose negatives are filtered; its prompts are the bank's too.
        judge: who decides, such as :class:`mmneglabel.judges.WordNetJudge`.
        nearest: to how many ID labels, the most similar ones by text features without a template, a word is compared.
    """

    prompts: Prompts = field(init=False)
    pool: Miner
    judge: Judge
    nearest: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.pool, Miner) or isinstance(self.pool, LabelsOnly):
            raise ConfigError(f"NegFilter: pool must be a miner of negatives such as CSP, got {self.pool!r}.")
        if not hasattr(self.judge, "proper_nouns"):
            raise ConfigError(
                f"NegFilter: judge is {self.judge!r}: write dict(type='WordNetJudge'), or dict(type='LLMJudge', ...)."
            )
        whole(self, nearest=self.nearest)
        object.__setattr__(self, "prompts", self.pool.prompts)
        super().__post_init__()

    def sources(self) -> dict[str, Any]:
        """The pool's, the judge's and the number of labels compared."""
        pool = self.pool.choice()
        return {"words": pool.pop("words", USERS), "pool": pool, "judge": self.judge.facts(), "nearest": self.nearest}

    def notes(self, bank: LabelBank) -> list[str]:
        """The pool's."""
        return self.pool.notes(bank)

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The pool's negatives that pass; their similarities are the pool's.

        Raises:
            ConfigError: none passes.
        """
        self.judge.check()
        mined, features, similarity = self.pool.choose(labels, label_features, encode)
        cleaned = [(clean(word), part) for word, part in mined]
        rows = first_places(cleaned)
        words = [cleaned[row] for row in rows]
        passed = self._passed([word for word, _ in words], labels, encode)
        words = [word for word, stays in zip(words, passed, strict=True) if stays]
        rows = [row for row, stays in zip(rows, passed, strict=True) if stays]
        if not words:
            raise ConfigError(
                f"NegFilter: the judge {type(self.judge).__name__} removed all {len(mined)} negatives of the pool "
                f"{type(self.pool).__name__}: use another judge, or a pool of more words."
            )
        features, similarity = features[rows], similarity[rows]
        changed = [i for i, row in enumerate(rows) if words[i] != mined[row]]
        features[changed] = self.encode([words[i] for i in changed], encode)
        return words, features, similarity

    def _passed(self, words: list[str], labels: Sequence[str], encode: Encode) -> list[bool]:
        """For each cleaned word whether it stays a negative."""
        proper = self.judge.proper_nouns(words)
        common = [word for word, is_proper in zip(words, proper, strict=True) if not is_proper]
        near = iter(passes_subcategories(common, self._nearest_labels(common, labels, encode), self.judge))
        self.judge.close()
        return [not is_proper and next(near) for is_proper in proper]

    def _nearest_labels(self, words: list[str], labels: Sequence[str], encode: Encode) -> list[list[str]]:
        """For each word its most similar ID labels, nearest first."""
        similarity = encode(words) @ encode(labels).T
        nearest = similarity.topk(min(self.nearest, len(labels)), dim=1).indices
        return [[labels[i] for i in row] for row in nearest.tolist()]


def clean(word: str) -> str:
    """The letters of any alphabet, spaces, ``_`` and ``-`` of a word; at its ends too, as in the authors' code."""
    return "".join(character for character in word if character.isalpha() or character in "_- ")


def first_places(words: Words) -> list[int]:
    """Where each distinct word of a part of speech that is long enough stands first."""
    places: dict[tuple[str, str], int] = {}
    for place, (word, part) in enumerate(words):
        if len(word) >= _SHORTEST:
            places.setdefault((word, part), place)
    return list(places.values())


def passes_subcategories(words: Sequence[str], near: Sequence[Sequence[str]], judge: Judge) -> list[bool]:
    """For each word whether it is neither equal to, nor a kind of, any of its nearest ID labels ``near``.

    Equal means case and all, as in the authors' code. The nearest label is asked about first, and after a yes no
    further one.
    """
    passed = [word not in names for word, names in zip(words, near, strict=True)]
    for rank in range(max(map(len, near), default=0)):
        asked = [i for i, names in enumerate(near) if passed[i] and rank < len(names)]
        kinds = judge.subcategories([(words[i], near[i][rank]) for i in asked])
        for i, is_kind in zip(asked, kinds, strict=True):
            passed[i] = not is_kind
    return passed
