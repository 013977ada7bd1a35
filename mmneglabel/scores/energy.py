"""Free energy."""

from dataclasses import dataclass

from torch import Tensor

from mmneglabel.scores.similarities import Similarities


@dataclass(frozen=True)
class EnergyScore:
    """``logsumexp_i(100 cos(h, e_i))``, the negative free energy (NeurIPS 2020, arXiv 2010.03759, equation 4)."""

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores, at most ``100 + log K``."""
        return similarities.id_logits.logsumexp(dim=-1)
