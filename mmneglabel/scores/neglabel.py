"""NegLabel: how much softmax mass stays on the ID labels when negative labels compete, group by group."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, positive, whole
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities


@dataclass(frozen=True)
class NegLabelScore:
    """NegLabel's score with the grouping strategy (ICLR 2024, arXiv 2403.20078, equations 6 and 8), in [0, 1].

    The mean over the groups g of negatives of
    ``sum_i exp(cos_i / tau) / (sum_i exp(cos_i / tau) + sum_{j in g} exp(cos_j / tau))``.

    Args:
        temperature: tau of the softmax over cosines; 0.01 is CLIP's logit scale of 100.
        groups: how many groups to cut the negatives into; None takes the bank's own.
    """

    temperature: float = 0.01
    groups: int | None = None

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        if self.groups is not None:
            whole(self, groups=self.groups)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores in float64, so that confident images do not tie at 1.

        Raises:
            ConfigError: the bank holds no negatives.
        """
        if not similarities.groups:
            raise ConfigError("NegLabelScore needs negatives and its bank has none: set its `bank` to a mined one.")
        # Relative to the row's largest ID logit the ID mass lies in [1, K] and never vanishes, and a negative that
        # overflows to infinity takes all the mass, as it should.
        logits = similarities.id_logits
        largest = logits.amax(dim=1, keepdim=True)
        id_mass = self._mass(logits - largest).sum(dim=1, keepdim=True).double()
        groups = [self._mass(block.sub_(largest[:, :, None])).sum(dim=2) for block in similarities.negative_logits()]
        return (id_mass / (id_mass + torch.cat(groups, dim=1).double())).mean(dim=1)

    def _mass(self, relative_logits: Tensor) -> Tensor:
        """``exp`` of logits at temperature tau, in place."""
        if (factor := 1 / (LOGIT_SCALE * self.temperature)) != 1:
            relative_logits.mul_(factor)
        return relative_logits.exp_()
