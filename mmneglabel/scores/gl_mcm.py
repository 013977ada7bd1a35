"""GL-MCM: MCM of the whole image plus MCM of its places."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError, not_negative, positive
from mmneglabel.scores.mcm import MCMScore
from mmneglabel.scores.similarities import Similarities

_BLOCK = 2**24  # local similarities held at once: 64 MB


@dataclass(frozen=True)
class GLMCMScore:
    """``MCM(h) + weight max_{p,i} softmax_i(cos(h_p, e_i) / T)`` in (0, 1 + weight], p over the places of the image.

    GL-MCM (IJCV 2025, arXiv 2304.04521). An image is ID where either the whole or one place in it
    looks like an ID label.

    Args:
        weight: lambda, of the local part, not negative; 0.5 as in the authors' published rows (their program's own
            default is 1).
        temperature: T on the raw cosines of both parts; the paper's is 1.
    """

    weight: float = 0.5
    temperature: float = 1.0
    needs_local: ClassVar[bool] = True

    def __post_init__(self) -> None:
        positive(self, temperature=self.temperature)
        not_negative(self, weight=self.weight)

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores.

        Raises:
            ConfigError: there are no local features.
        """
        if similarities.local is None:
            raise ConfigError("GLMCMScore needs local image features and there are none: run it by tools/test.py.")
        return MCMScore(self.temperature)(similarities) + self.weight * self._local(similarities)

    def _local(self, similarities: Similarities) -> Tensor:
        """The largest softmax (N,) over all places and labels."""
        _, places, _ = similarities.local.shape
        rows = max(1, _BLOCK // (places * len(similarities.labels)))
        logits = (block @ similarities.labels.T / self.temperature for block in similarities.local.split(rows))
        return torch.cat([(each.amax(dim=2) - each.logsumexp(dim=2)).amax(dim=1).exp() for each in logits])
