"""Maximum concept matching."""

from dataclasses import dataclass

from torch import Tensor

from mmneglabel.errors import positive
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities


@dataclass(frozen=True)
class MCMScore:
    """``max_i softmax_i(cos(h, e_i) / T)`` in (0, 1] (MCM, NeurIPS 2022, arXiv 2211.13445, equation 1).

    Args:
        temperature: T on the raw cosines; the paper's is 1.
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores."""
        return (similarities.id_logits / (LOGIT_SCALE * self.temperature)).softmax(dim=-1).amax(dim=-1)
