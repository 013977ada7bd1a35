"""NegRefine: NegLabel's score plus multi-matching."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from mmneglabel.errors import not_negative
from mmneglabel.scores.multi_matching import MultiMatchingScore
from mmneglabel.scores.neglabel import NegLabelScore
from mmneglabel.scores.similarities import Similarities


@dataclass(frozen=True)
class NegRefineScore:
    """``S_NegLabel + alpha S_MM`` in [0, 1 + alpha] (NegRefine, ICCV 2025, arXiv 2507.09795).

    Args:
        alpha: weight of multi-matching, not negative; the paper's is 2.
        temperature: tau of NegLabel's softmax over cosines; 0.01 is CLIP's logit scale of 100.
        groups: how many groups NegLabel's score cuts the negatives into; None takes the bank's own.
        top_labels: how many ID labels are paired.
        top_negatives: how many negatives are paired.
    """

    alpha: float = 2.0
    temperature: float = 0.01
    groups: int | None = None
    top_labels: int = 5
    top_negatives: int = 5
    needs_pairs: ClassVar[bool] = True

    def __post_init__(self) -> None:
        not_negative(self, alpha=self.alpha)
        self._parts()  # which refuse what is theirs

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores in float64.

        Raises:
            ConfigError: the bank holds no negatives, or there is no text tower to encode pairs with.
        """
        neglabel, multi_matching = self._parts()
        return neglabel(similarities) + self.alpha * multi_matching(similarities).double()

    def _parts(self) -> tuple[NegLabelScore, MultiMatchingScore]:
        neglabel = NegLabelScore(self.temperature, self.groups)
        return neglabel, MultiMatchingScore(self.top_labels, self.top_negatives)
