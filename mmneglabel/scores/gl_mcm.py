"""GL-MCM: MCM of the whole image plus MCM of its places."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from mmneglabel.errors import ConfigError
from mmneglabel.scores.mcm import MCMScore
from mmneglabel.scores.similarities import Similarities

_BLOCK = 2**24  # local similarities held at once: 64 MB


@dataclass(frozen=True)
class GLMCMScore:
    """``MCM(h) + weight max_{p,i} softmax_i(cos(h_p, e_i) / T)`` in (0, 1 + weight], p over the places of the image.

    GL-MCM (IJCV 2025, arXiv 2304.04521). An image is ID where either the whole or one place in it
    looks like an ID label.

    Args:
        weight: lambda, of the local part, not negative; the paper's is 1.
        temperature: T on the raw cosines of both parts; the paper's is 1.

    Raises:
        ConfigError: T is not positive, or the weight is negative.
    """

    weight: float = 1.0
    temperature: float = 1.0
    needs_local: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ConfigError(f"GLMCMScore: temperature must be positive, got {self.temperature}; the paper's is 1.")
        if not self.weight >= 0:
            raise ConfigError(f"GLMCMScore: weight must not be negative, got {self.weight}; the paper's is 1.")

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
