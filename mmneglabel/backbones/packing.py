r"""Prompts packed into one row as a trie, so that a causal tower computes what they share once.

In a causal tower the state of a token depends on the tokens before it alone. Prompts of one template begin alike, and
so do neighbouring words. Sorted, a prompt adds only those nodes to the row that the prompt before it has not:

    START - the - nice - yellow - dog - END        nodes      START the nice yellow dog END jacket END
                               \- jacket - END     positions    0    1    2     3    4   5    4     5

A node's *position* is its depth in the prompt. It may *see* its ancestors and itself: `jacket` sees START to `yellow`,
but neither `dog` nor the END behind it. A prompt's embedding is read at its own last node. NegLabel's prompts of
WordNet average 6.9 of CLIP's 77 tokens, and 2.9 nodes.
"""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

# Long rows repeat fewer beginnings, and spend more attention on what is masked out. A CPU is about as fast with 128 as
# with 512 nodes at ViT-B/16's width, and slower beyond 256 at a width of 96. A row's mask takes 256 kB in float32.
MOST_NODES = 256


@dataclass(frozen=True)
class Packed:
    """P prompts in a row of L nodes.

    Attributes:
        tokens: each node's token id (L,).
        positions: each node's depth in its prompts (L,).
        visible: whether node i may see node j (L, L), bool: its ancestors and itself.
        ends: each prompt's last node (P,).
    """

    tokens: Tensor
    positions: Tensor
    visible: Tensor
    ends: Tensor

    def to(self, device: torch.device) -> "Packed":
        """The same on ``device``."""
        return Packed(*(getattr(self, field.name).to(device) for field in fields(self)))


class Packer(Protocol):
    """What embeds packed prompts: a causal text tower."""

    def lengths(self, tokens: Tensor) -> Tensor:
        """How many leading tokens (N,) of each row of ``tokens`` (N, L) decide its embedding, at least 1."""

    def embed(self, packed: Packed) -> Tensor:
        """Raw text embeddings (P, D) of P prompts that share a row."""


def plan_rows(tokens: Tensor, lengths: Tensor, batch_size: int) -> list[Tensor]:
    """Indices (P,) of the prompts of each row, in lexicographic order of their tokens.

    The plan depends on the prompts alone, so features are the same however many processes share it.

    Args:
        tokens: token ids (N, T).
        lengths: how many leading tokens (N,) of each prompt count, at least 1.
        batch_size: the most prompts of a row. It has no more than `MOST_NODES` nodes either, unless by a single prompt.
    """
    if not len(tokens):
        return []
    tokens = tokens[:, : int(lengths.max())]
    order = torch.from_numpy(np.lexsort(tokens.T.flip(0).numpy()))
    lengths = lengths[order]
    new = lengths - _shared(tokens[order], lengths)
    starts = _row_starts(lengths.numpy(), new.numpy(), batch_size)
    return list(order.tensor_split(starts[1:]))


def lengths_to_end(tokens: Tensor, end_token: int | None) -> Tensor:
    """How many tokens (N,) of each row of ``tokens`` (N, L) stand up to and including its first end token.

    Its id is ``end_token`` or, where that is None, the largest of the row, as in CLIP. A row without one is read at its
    beginning, as the libraries do.
    """
    ends = tokens if end_token is None else (tokens == end_token).int()
    return ends.argmax(dim=-1) + 1


def pack(tokens: Tensor, lengths: Tensor) -> Packed:
    """The row of P prompts, at least one: of each row of ``tokens`` (P, T) the leading ``lengths`` (P,), at least 1.

    Shared beginnings must stand next to each other, as in the order of :func:`plan_rows`.
    """
    tokens = tokens[:, : int(lengths.max())]
    depths = torch.arange(tokens.shape[1])
    own = (depths >= _shared(tokens, lengths)[:, None]) & (depths < lengths[:, None])
    number = own.flatten().cumsum(0).view_as(own) - 1
    # At each depth, a prompt's path runs through the last node made there: its own or, where shared, an earlier one's.
    path = number.where(own, -1).cummax(0).values
    owner, depth = own.nonzero(as_tuple=True)
    visible = torch.zeros(len(owner), len(owner), dtype=torch.bool)
    node, above = (depths <= depth[:, None]).nonzero(as_tuple=True)
    # A node's ancestors lie on the path of the prompt that made it: `path[prompt, depth]`, down to the node itself.
    visible[node, path[owner[node], above]] = True
    return Packed(tokens[owner, depth], depth, visible, path.gather(1, lengths[:, None] - 1)[:, 0])


def _shared(tokens: Tensor, lengths: Tensor) -> Tensor:
    """How many leading tokens (P,) each prompt has in common with the one before it; 0 for the first."""
    same = (tokens[1:] == tokens[:-1]).int().cumprod(1).sum(1)
    return torch.cat([lengths.new_zeros(1), torch.minimum(same, torch.minimum(lengths[1:], lengths[:-1]))])


def _row_starts(lengths: np.ndarray, new: np.ndarray, most: int) -> list[int]:
    """The first prompt of each row, given each prompt's length and the ``new`` nodes that it adds to the one before."""
    total, starts = new.cumsum(), [0]
    while True:
        start = starts[-1]
        # A row's first prompt pays for all its tokens, and may be longer than a row should be.
        fits = np.searchsorted(total, total[start] + MOST_NODES - lengths[start], side="right")
        stop = int(max(start + 1, min(fits, start + most)))
        if stop >= len(total):
            return starts
        starts.append(stop)
