"""Free energy."""

from dataclasses import dataclass

from torch import Tensor

from mmneglabel.errors import positive
from mmneglabel.scores.similarities import Similarities


@dataclass(frozen=True)
class EnergyScore:
    """``T logsumexp_i(100 cos(h, e_i) / T)``, the negative free energy (NeurIPS 2020, arXiv 2010.03759, equation 4).

    Args:
        temperature: T of the logits, which are 100 x cosine; the paper's is 1.
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores, at most ``100 + T log K``."""
        return self.temperature * (similarities.id_logits / self.temperature).logsumexp(dim=-1)
