"""What every score reads: a batch of images against a bank's labels, with what scores share computed once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

LOGIT_SCALE = 100.0
"""CLIP's logits are 100 x cosine, a temperature of 0.01, whatever scale the checkpoint learned."""

# Numbers a block of negative logits may hold: small enough on a CPU to stay in its cache, large enough on a GPU
# to keep it busy.
_BLOCK = {"cpu": 2**18}
_LARGE_BLOCK = 2**25


@dataclass(frozen=True, eq=False)
class Similarities:
    """N images, K ID labels and M negatives as unit-norm features, in float32 or better.

    Attributes:
        images: (N, D).
        labels: (K, D).
        negatives: (M, D) in scoring order, or None.
        groups: into how many equal groups the negatives are cut; 0 without negatives.
        local: (N, P, D) features of P places in each image, unit norm; or None.
        pair_features: the text tower for pairs: indices (P,) of labels and (P,) of negatives to the unit-norm
            features (P, D) of the texts "label and negative"; or None.
    """

    images: Tensor
    labels: Tensor
    negatives: Tensor | None = None
    groups: int = 0
    local: Tensor | None = None
    pair_features: Callable[[Tensor, Tensor], Tensor] | None = None

    @cached_property
    def id_logits(self) -> Tensor:
        """(N, K) logits ``100 cos(h, e_i)``."""
        return self._scaled_images @ self.labels.T

    def negative_logits(self) -> Iterator[Tensor]:
        """Logits ``100 cos(h, n_j)`` as blocks (N, g, M // G) of whole groups, in scoring order.

        The whole (N, M) matrix is never held: a block is still in the cache when the caller reduces it. The last
        ``M mod G`` negatives are left out. Each block is the caller's to overwrite.
        """
        size = len(self.negatives) // self.groups
        block = _BLOCK.get(self.images.device.type, _LARGE_BLOCK)
        a_block = max(1, block // (size * len(self.images)))
        for rows in self.negatives[: size * self.groups].split(a_block * size):
            yield (self._scaled_images @ rows.T).unflatten(1, (-1, size))

    def top_negatives(self, count: int) -> Tensor:
        """Indices (N, min(count, M)) of the most similar negatives of each image, among all M, whatever the groups."""
        values, indices, start = [], [], 0
        for rows in self.negatives.split(max(count, _BLOCK["cpu"] // len(self.images))):
            value, index = (self._scaled_images @ rows.T).topk(min(count, len(rows)), dim=1)
            values.append(value)
            indices.append(index + start)
            start += len(rows)
        best = torch.cat(values, dim=1).topk(min(count, start), dim=1).indices
        return torch.cat(indices, dim=1).gather(1, best)

    @cached_property
    def _scaled_images(self) -> Tensor:
        """Scaled before the product, as the authors do: the same rounding in float32."""
        return LOGIT_SCALE * self.images


class Score(Protocol):
    """A score: a configured callable from similarities to one number an image, higher = more ID.

    A class that reads ``Similarities.local`` says ``needs_local = True``, one that reads ``pair_features``
    ``needs_pairs = True``, and one whose scores depend on the images seen before ``stateful = True``: tables tell
    those rows apart, and every test begins with a fresh copy.
    """

    def __call__(self, similarities: Similarities) -> Tensor:
        """(N,) scores."""
