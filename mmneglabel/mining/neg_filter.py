"""NegFilter: take back the negatives that are proper nouns or kinds of an ID label (NegRefine, ICCV 2025)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from mmneglabel.corpus import Prompts
from mmneglabel.errors import ConfigError
from mmneglabel.judges import Judge
from mmneglabel.mining.bank import check_groups
from mmneglabel.mining.miners import Encode, LabelsOnly, Miner, Words

_UNCLEAN = re.compile(r"[^A-Za-z_\- ]")
_SHORTEST = 3


@dataclass(frozen=True, kw_only=True)
class NegFilter(Miner):
    """A stage between a pool of negatives and the bank: what a judge objects to is left out.

    NegRefine (arXiv 2507.09795). Proper nouns go since images of them show what other words
    name (a city: buildings); kinds of an ID label go since they are no outliers. Words are cleaned as in the authors'
    code: letters, spaces, ``_`` and ``-`` stay, words that end shorter than three letters or equal to an earlier one
    go. The order of the pool is kept.

    Args:
        pool: the miner whose negatives are filtered; its prompts are the bank's too.
        groups: into how many groups the negatives are cut for scoring; None takes the pool's.
        seed: of the permutation behind the groups; None takes the pool's.
        judge: who decides, such as :class:`mmneglabel.judges.WordNetJudge`.
        nearest: to how many ID labels, the most similar ones by text features without a template, a word is compared.

    Raises:
        ConfigError: ``nearest`` is no integer above 0, the pool has no negatives by its nature, or the judge is none.
    """

    prompts: Prompts = field(init=False)
    groups: int | None = None
    seed: int | None = None
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
        if not isinstance(self.nearest, int) or self.nearest < 1:
            raise ConfigError(
                f"NegFilter: nearest must be an integer above 0, got {self.nearest}; the authors take 10."
            )
        for name in ("groups", "seed"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(self.pool, name))
        object.__setattr__(self, "pool", replace(self.pool, groups=self.groups))
        object.__setattr__(self, "prompts", self.pool.prompts)

    def sources(self) -> dict[str, Any]:
        """The pool's, the judge's and the number of labels compared."""
        pool = {"method": type(self.pool).__name__, "seed": self.pool.seed, **self.pool.sources()}
        return {"pool": pool, "judge": self.judge.facts(), "nearest": self.nearest}

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The pool's negatives that pass; their similarities are the pool's.

        Raises:
            ConfigError: none passes, or fewer than there are groups.
        """
        self.judge.check()
        mined, features, similarity = self.pool.choose(labels, label_features, encode)
        rows = first_places([clean(word) for word, _ in mined])
        words = [(clean(mined[row][0]), mined[row][1]) for row in rows]
        passed = self._passed([word for word, _ in words], labels, encode)
        words = [word for word, stays in zip(words, passed, strict=True) if stays]
        rows = [row for row, stays in zip(rows, passed, strict=True) if stays]
        if not words:
            raise ConfigError(
                f"NegFilter: the judge {type(self.judge).__name__} removed all {len(mined)} negatives of the pool "
                f"{type(self.pool).__name__}: use another judge, or a pool of more words."
            )
        check_groups(self.groups, len(words))
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
    """The letters, inner spaces, ``_`` and ``-`` of a word."""
    return _UNCLEAN.sub("", word).strip()


def first_places(words: Sequence[str]) -> list[int]:
    """Where each distinct word that is long enough stands first."""
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        if len(word) >= _SHORTEST:
            places.setdefault(word, place)
    return list(places.values())


def passes_subcategories(words: Sequence[str], near: Sequence[Sequence[str]], judge: Judge) -> list[bool]:
    """For each word whether it is neither equal to, nor a kind of, any of its nearest ID labels ``near``.

    The nearest label is asked about first, and after a yes no further one.
    """
    passed = [word.casefold() not in map(str.casefold, names) for word, names in zip(words, near, strict=True)]
    for rank in range(max(map(len, near), default=0)):
        asked = [i for i, names in enumerate(near) if passed[i] and rank < len(names)]
        kinds = judge.subcategories([(words[i], near[i][rank]) for i in asked])
        for i, is_kind in zip(asked, kinds, strict=True):
            passed[i] = not is_kind
    return passed
