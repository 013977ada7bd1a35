"""NegLabel: how much softmax mass stays on the ID labels when negative labels compete, group by group."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

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


class _Reduced(NamedTuple):
    """What a pass over the negatives leaves of N images.

    Masses are over that of the largest label: so the labels' lies in [1, K] and never vanishes, and a negative that
    overflows to infinity takes all of it, as it should.

    Attributes:
        id_mass: of all labels (N, 1), float64.
        group_mass: of each group (N, G), float64.
        shares: the largest in any group (N, n), each of its own group's softmax; n is 0 where nobody asked.
        places: where those negatives stand in the groups, one group after another (N, n).
    """

    id_mass: Tensor
    group_mass: Tensor
    shares: Tensor
    places: Tensor


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
        found = self._masses(seen)
        return (found.id_mass / (found.id_mass + found.group_mass)).mean(dim=1)

    def log_odds(self, seen: Similarities, exact: bool = True) -> Tensor:
        """``log S - log(1 - S)`` (N,) of the score S in float64: finite, and in S's order where S itself rounds to 1.

        S is the mean of sigmoid(-d_g) over the groups, d_g the log of group g's mass over that of the labels. Those
        :meth:`beyond` are wrong where it need not be exact, which spares a GPU the question whether there are any.
        """
        d = self._log_ratios(seen, exact)
        return logsigmoid(-d).logsumexp(dim=1) - logsigmoid(d).logsumexp(dim=1)

    def beyond(self, seen: Similarities) -> Tensor:
        """Of which images (N,), few if any, the masses leave float32's range, so that logs must take their place."""
        return self._beyond(self._masses(seen))

    def shares(self, seen: Similarities, count: int = 5, exact: bool = True) -> Shares:
        """What spoke for each image and what against it: the ``count`` largest shares of labels and of negatives.

        Asked for before the score, it costs little: one pass over the negatives gives both. ``exact`` as for
        :meth:`log_odds`.
        """
        order = seen.texts.grouped(self.groups, self.seed)[1].flatten()
        found = seen.once(("masses", self), lambda: self._reduced(seen, count))
        if found.shares.shape[1] != min(count, len(order)):  # somebody asked before, for the score or for others
            found = self._reduced(seen, count)
        total = found.id_mass + found.group_mass
        logits, labels = seen.logits.topk(min(count, seen.logits.shape[1]), dim=1)
        label_shares = self._exp(logits - seen.logits.amax(dim=1, keepdim=True)).double()
        label_shares *= (1 / total).mean(dim=1, keepdim=True)
        shares, places = found.shares.double(), found.places
        if exact and (beyond := self._beyond(found)).any():
            of_labels, of_negatives = self._logits(seen, beyond)
            of_groups = of_negatives.logsumexp(dim=2, keepdim=True)
            logs = of_negatives - torch.logaddexp(of_groups, of_labels[:, None])
            log, places[beyond] = logs.flatten(1).topk(shares.shape[1], dim=1)
            shares[beyond] = log.exp()
        return Shares(labels, label_shares, order[places], shares / total.shape[1])

    def _masses(self, seen: Similarities) -> "_Reduced":
        # Equal scores, that is, of one class and with the same parameters, are computed once.
        return seen.once(("masses", self), lambda: self._reduced(seen))

    def _reduced(self, seen: Similarities, count: int = 0) -> "_Reduced":
        """One pass over the negatives."""
        largest = seen.logits.amax(dim=1, keepdim=True)
        id_mass = self._exp(seen.logits - largest).sum(dim=1, keepdim=True)
        groups, shares, places, start = [], [], [], 0
        for block in seen.negative_logits(self.groups, self.seed):
            # In place: the block is ours, and as large as may be.
            groups.append(self._exp(block.sub_(largest[:, :, None])).sum(dim=2))
            if count:
                block.div_((id_mass + groups[-1])[:, :, None])
                share, place = block.flatten(1).topk(min(count, block[0].numel()), dim=1)
                shares.append(share)
                places.append(place + start)
                start += block[0].numel()
        found = _Reduced(id_mass.double(), torch.cat(groups, dim=1).double(), largest[:, :0], largest[:, :0].long())
        if not count:
            return found
        share, best = torch.cat(shares, dim=1).topk(min(count, start), dim=1)
        return found._replace(shares=share, places=torch.cat(places, dim=1).gather(1, best))

    def _log_ratios(self, seen: Similarities, exact: bool) -> Tensor:
        """log(mass of group g / mass of the labels), (N, G) in float64."""
        found = self._masses(seen)
        ratios = found.group_mass.log() - found.id_mass.log()
        if exact and (beyond := self._beyond(found)).any():
            of_labels, of_negatives = self._logits(seen, beyond)
            ratios[beyond] = of_negatives.logsumexp(dim=2) - of_labels
        return ratios

    def _beyond(self, found: "_Reduced") -> Tensor:
        return ((found.group_mass < _LEAST) | (found.group_mass > _MOST)).any(dim=1)

    def _logits(self, seen: Similarities, which: Tensor) -> tuple[Tensor, Tensor]:
        """Of some images, in float64: the log of the labels' mass (n, 1), the exponents of the negatives (n, G, S)."""
        images = seen.images[which].double() / self.temperature
        negatives, _ = seen.texts.grouped(self.groups, self.seed)
        of_labels = (images @ seen.texts.labels.double().T).logsumexp(dim=1, keepdim=True)
        return of_labels, (images @ negatives.double().flatten(0, 1).T).unflatten(1, negatives.shape[:2])

    @property
    def _factor(self) -> float:
        """From logits of 100 x cosine to exponents."""
        return 1 / (LOGIT_SCALE * self.temperature)

    def _exp(self, logits: Tensor) -> Tensor:
        """``exp`` of logits at temperature tau, in place."""
        if self._factor != 1:
            logits.mul_(self._factor)
        return logits.exp_()
