"""NegLabel: how much softmax mass stays on the ID labels when negative labels compete, group by group."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from mmneglabel.errors import positive, seeds, whole
from mmneglabel.scores.score import NEGATIVES, TEXTS, Score
from mmneglabel.scores.similarities import LOGIT_SCALE, Similarities

# Masses that float32 holds in full: smaller ones lose digits, larger ones are on the way to infinity.
_LEAST, _MOST = 1e-30, 1e30


class Shares(NamedTuple):
    """The labels and the negatives with the largest shares of the softmax, each (N, n), the largest first.

    A share is the mean over the groups: those of all labels add up to the score, the negatives' to the rest of 1.
    """

    labels: Tensor
    label_shares: Tensor
    negatives: Tensor
    negative_shares: Tensor


@dataclass(frozen=True)
class NegLabelScore(Score):
    """NegLabel's score with the grouping strategy (ICLR 2024, arXiv 2403.20078, equations 6 and 8), in [0, 1].

    The mean over the groups g of negatives of
    ``sum_i exp(cos_i / tau) / (sum_i exp(cos_i / tau) + sum_{j in g} exp(cos_j / tau))``.

    Args:
        temperature: tau of the softmax over cosines; 0.01 is CLIP's logit scale of 100.
        groups: how many groups the negatives are cut into; where there are fewer negatives, each is one.
        seed: of the permutation behind the groups, an integer of 64 bits.
    """

    needs: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES})

    temperature: float = 0.01
    groups: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        whole(self, groups=self.groups)
        seeds(self, seed=self.seed)

    def __call__(self, seen: Similarities) -> Tensor:
        """(N,) scores in float64, so that confident images do not tie at 1."""
        id_mass, group_mass = self._masses(seen)
        return (id_mass / (id_mass + group_mass)).mean(dim=1)

    def log_odds(self, seen: Similarities) -> Tensor:
        """``log S - log(1 - S)`` (N,) of the score S in float64: finite, and in S's order where S itself rounds to 1.

        S is the mean of sigmoid(-d_g) over the groups, d_g the log of group g's mass over that of the labels.
        """
        d = self._log_ratios(seen)
        return logsigmoid(-d).logsumexp(dim=1) - logsigmoid(d).logsumexp(dim=1)

    def shares(self, seen: Similarities, count: int = 5) -> Shares:
        """What spoke for each image and what against it: the ``count`` largest shares of labels and of negatives."""
        largest = seen.logits.amax(dim=1, keepdim=True)
        # The log of what labels and a group hold together, over the mass of the largest label; logs cannot overflow.
        total = self._masses(seen)[0].log() + softplus(self._log_ratios(seen))
        label_logits, labels = seen.logits.topk(min(count, seen.logits.shape[1]), dim=1)
        label_shares = ((label_logits - largest) * self._factor).double().exp() * (-total).exp().mean(dim=1)[:, None]
        logs, places, start = [], [], 0
        for block in seen.negative_logits(self.groups, self.seed):
            groups, size = block.shape[1:]
            # In place: the block is ours, and as large as may be.
            block.sub_(largest[:, :, None]).mul_(self._factor).sub_(total[:, start : start + groups, None])
            log, place = block.flatten(1).topk(min(count, groups * size), dim=1)
            logs.append(log)
            places.append(place + start * size)
            start += groups
        log, best = torch.cat(logs, dim=1).topk(min(count, total.shape[1] * size), dim=1)
        order = seen.texts.grouped(self.groups, self.seed)[1].flatten()
        # Rounding may lift a log just above 0, a share of 1; and ``start`` has counted the groups: this is their mean.
        negatives = order[torch.cat(places, dim=1).gather(1, best)]
        return Shares(labels, label_shares, negatives, log.clamp(max=0).double().exp() / start)

    def _masses(self, seen: Similarities) -> tuple[Tensor, Tensor]:
        """Masses of all labels (N, 1) and of each group (N, G), over that of the largest label; float64.

        So the labels' mass lies in [1, K] and never vanishes, and a negative that overflows to infinity takes all of
        it, as it should.
        """
        return seen.once(("masses", self), lambda: self._compute_masses(seen))  # equal scores: class and parameters

    def _compute_masses(self, seen: Similarities) -> tuple[Tensor, Tensor]:
        largest = seen.logits.amax(dim=1, keepdim=True)
        id_mass = self._exp(seen.logits - largest).sum(dim=1, keepdim=True)
        blocks = seen.negative_logits(self.groups, self.seed)
        groups = [self._exp(block.sub_(largest[:, :, None])).sum(dim=2) for block in blocks]
        return id_mass.double(), torch.cat(groups, dim=1).double()

    def _log_ratios(self, seen: Similarities) -> Tensor:
        """log(mass of group g / mass of the labels), (N, G) in float64."""
        id_mass, group_mass = self._masses(seen)
        ratios = group_mass.log() - id_mass.log()
        beyond = ((group_mass < _LEAST) | (group_mass > _MOST)).any(dim=1)
        if beyond.any():  # of few images, if any: again, by logs of sums
            images = seen.images[beyond].double() / self.temperature
            negatives, _ = seen.texts.grouped(self.groups, self.seed)
            of_labels = (images @ seen.texts.labels.double().T).logsumexp(dim=1, keepdim=True)
            of_groups = (images @ negatives.double().flatten(0, 1).T).unflatten(1, negatives.shape[:2])
            ratios[beyond] = of_groups.logsumexp(dim=2) - of_labels
        return ratios

    @property
    def _factor(self) -> float:
        """From logits of 100 x cosine to exponents."""
        return 1 / (LOGIT_SCALE * self.temperature)

    def _exp(self, logits: Tensor) -> Tensor:
        """``exp`` of logits at temperature tau, in place."""
        if self._factor != 1:
            logits.mul_(self._factor)
        return logits.exp_()
