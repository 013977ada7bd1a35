"""What label-based scores read: a batch of images against a bank's texts, what scores share computed once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from mmneglabel.errors import ConfigError
from mmneglabel.scores.score import Noise, Pairs

T = TypeVar("T")

LOGIT_SCALE = 100.0
"""CLIP's logits are 100 x cosine, a temperature of 0.01, whatever scale the checkpoint learned."""

# Numbers a block of negative logits may hold: small enough on a CPU to stay in its cache, large enough on a GPU
# to keep it busy.
_BLOCK = {"cpu": 2**18}
_LARGE_BLOCK = 2**25


def group_order(count: int, groups: int, seed: int) -> Tensor:
    """Which of ``count`` negatives (in mined order) stand in which group: indices (groups, count // groups).

    NegLabel's grouping, as in its authors' code: the first ``count - count mod groups`` are permuted once and cut; the
    rest, the last mined, are left out. The generator is private and on the CPU, so the order is the same on every
    device and process, and the global random state is never touched.
    """
    kept = count - count % groups
    return torch.randperm(kept, generator=torch.Generator().manual_seed(seed)).view(groups, -1)


class TextFeatures(nn.Module):
    """K ID labels and M negatives, in mined order, as unit-norm features on one device.

    They are no part of a model's state: they come from mining, not from checkpoints.

    Args:
        labels: (K, D).
        negatives: (M, D), or None.
        pairs: the text tower for pairs of both, where there is one.
        noise: the image tower for pictures of noise, where there is one.
    """

    def __init__(
        self,
        labels: Tensor,
        negatives: Tensor | None = None,
        pairs: Pairs | None = None,
        noise: Noise | None = None,
    ) -> None:
        super().__init__()
        self.register_buffer("labels", labels, persistent=False)
        self.register_buffer("negatives", labels[:0] if negatives is None else negatives, persistent=False)
        self.pairs, self.noise = pairs, noise
        self._grouped: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    def grouped(self, groups: int, seed: int) -> tuple[Tensor, Tensor]:
        """Negatives group by group (G, S, D), permuted once however often they are asked for, and their indices (G, S).

        Where there are fewer negatives than groups, each is a group.

        Raises:
            ConfigError: there are no negatives.
        """
        if not len(self.negatives):
            raise ConfigError("There are no negatives to compare with: give the score a bank that mines some.")
        groups = min(groups, len(self.negatives))
        key = (groups, seed, self.negatives.device, self.negatives.dtype)  # a module may be moved in between
        if key not in self._grouped:
            order = group_order(len(self.negatives), groups, seed).to(self.negatives.device)
            self._grouped[key] = (self.negatives[order], order)
        return self._grouped[key]


@dataclass(frozen=True, eq=False)
class Similarities:
    """N images against the texts of a bank, all of unit norm, in float32 or better.

    Attributes:
        images: (N, D).
        texts: the labels and negatives.
        local: (N, P, D), features of P places in each image; or None.
    """

    images: Tensor
    texts: TextFeatures
    local: Tensor | None = None
    outlier_logits: ClassVar[None] = None
    """No model that compares with texts has learned classes of outliers."""

    @cached_property
    def logits(self) -> Tensor:
        """(N, K) logits ``100 cos(h, e_i)`` of the ID labels."""
        return self._scaled_images @ self.texts.labels.T

    def negative_logits(self, groups: int, seed: int) -> Iterator[Tensor]:
        """Logits ``100 cos(h, n_j)`` as blocks (N, g, S) of whole groups, in the order of :func:`group_order`.

        The whole (N, M) matrix is never held: a block is still in the cache when the caller reduces it. Each block is
        the caller's to overwrite.
        """
        negatives, _ = self.texts.grouped(groups, seed)
        size = negatives.shape[1]
        a_block = max(1, self._block // (size * len(self.images)))
        for rows in negatives.flatten(0, 1).split(a_block * size):
            yield (self._scaled_images @ rows.T).unflatten(1, (-1, size))

    def top_negatives(self, count: int) -> Tensor:
        """Indices (N, min(count, M)) of the most similar negatives of each image, among all M."""
        values, indices, start = [], [], 0
        for rows in self.texts.negatives.split(max(count, self._block // len(self.images))):
            value, index = (self._scaled_images @ rows.T).topk(min(count, len(rows)), dim=1)
            values.append(value)
            indices.append(index + start)
            start += len(rows)
        best = torch.cat(values, dim=1).topk(min(count, start), dim=1).indices
        return torch.cat(indices, dim=1).gather(1, best)

    @property
    def _block(self) -> int:
        """How many numbers a block of negative logits may hold here."""
        return _BLOCK.get(self.images.device.type, _LARGE_BLOCK)

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What ``make`` gives, made once a batch, whichever scores ask for it under this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    @cached_property
    def _made(self) -> dict[tuple[Any, ...], Any]:
        return {}

    @cached_property
    def _scaled_images(self) -> Tensor:
        """Scaled before the product, as the authors do: the same rounding in float32."""
        return LOGIT_SCALE * self.images
