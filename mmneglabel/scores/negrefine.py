"""NegRefine: NegLabel's score plus multi-matching, which asks what an image shows beside something negative."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from mmneglabel.errors import not_negative, whole
from mmneglabel.scores.neglabel import NegLabelScore
from mmneglabel.scores.score import NEGATIVES, PAIRS, TEXTS, Score
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities


@dataclass(frozen=True)
class MultiMatchingScore(Score):
    """``max_{y,n} sigmoid(100 cos(h, t_yn) - 100 cos(h, n))`` in [0, 1] over an image's best labels y and negatives n.

    NegRefine (ICCV 2025, arXiv 2507.09795). ``t_yn`` is the text "y and n" in the bank's noun templates:
    an ID object beside something negative matches it better than the negative alone.

    Args:
        top_labels: how many ID labels y, the most similar ones, are paired; the paper's is 5.
        top_negatives: how many negatives n, the most similar ones, are paired; the paper's is 5.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES, PAIRS})

    top_labels: int = 5
    top_negatives: int = 5

    def __post_init__(self) -> None:
        whole(self, top_labels=self.top_labels, top_negatives=self.top_negatives)

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores."""
        labels = seen.logits.topk(min(self.top_labels, seen.logits.shape[1]), dim=1).indices
        negatives = seen.top_negatives(self.top_negatives)
        images = LOGIT_SCALE * seen.images[:, :, None]
        pairs = (_pair_features(seen, labels, negatives) @ images).view(len(images), labels.shape[1], -1)
        alone = (seen.texts.negatives[negatives] @ images).view(len(images), 1, -1)
        return (pairs - alone).flatten(1).amax(dim=1).sigmoid()


def _pair_features(seen: Similarities, labels: Tensor, negatives: Tensor) -> Tensor:
    """Text features (N, a * b, D) of all pairs of each image's ``labels`` (N, a) and ``negatives`` (N, b).

    Images of one kind share most of their pairs, so each pair of the batch is asked for once.
    """
    count = len(seen.texts.negatives)
    pairs = (labels[:, :, None] * count + negatives[:, None, :]).flatten(1)
    unique, place = pairs.unique(return_inverse=True)
    return seen.texts.pairs(unique // count, unique % count)[place]


@dataclass(frozen=True)
class NegRefineScore(Score):
    """``S_NegLabel + alpha S_MM`` in [0, 1 + alpha] (NegRefine, ICCV 2025, arXiv 2507.09795).

    Args:
        alpha: weight of multi-matching, not negative; the paper's is 2.
        temperature, groups, seed: of :class:`NegLabelScore`.
        top_labels, top_negatives: of :class:`MultiMatchingScore`.
    """

    needs: ClassVar[frozenset[str]] = MultiMatchingScore.needs

    alpha: float = 2.0
    temperature: float = 0.01
    groups: int = 100
    seed: int = 0
    top_labels: int = 5
    top_negatives: int = 5

    def __post_init__(self) -> None:
        not_negative(self, alpha=self.alpha)
        self._parts()  # which refuse what is theirs

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores in float64."""
        neglabel, multi_matching = self._parts()
        return neglabel(seen) + self.alpha * multi_matching(seen).double()

    def _parts(self) -> tuple[NegLabelScore, MultiMatchingScore]:
        neglabel = NegLabelScore(self.temperature, self.groups, self.seed)
        return neglabel, MultiMatchingScore(self.top_labels, self.top_negatives)
