"""Maximum logit."""

from dataclasses import dataclass

from torch import Tensor

from mmneglabel.scores.similarities import Similarities


@dataclass(frozen=True)
class MaxLogitScore:
    """``max_i 100 cos(h, e_i)`` in [-100, 100]: the largest cosine (MaxLogit, ICML 2022, arXiv 1911.11132)."""

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores."""
        return similarities.id_logits.amax(dim=-1)
