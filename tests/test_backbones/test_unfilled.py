"""Unfilled: no random numbers for weights that are read from a file, and everything else as ever."""

import pytest
import torch
from torch import Tensor, nn

from mmneglabel.backbones.open_clip_weights import Source
from mmneglabel.backbones.unfilled import Unfilled

INITS = (nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, nn.init.xavier_normal_, nn.init.trunc_normal_)


@pytest.mark.parametrize("fill", [*INITS, Tensor.normal_, Tensor.uniform_], ids=lambda fill: fill.__name__)
def test_draws_no_numbers(fill):
    before, weights = torch.get_rng_state(), torch.zeros(3, 4)
    with Unfilled():
        assert fill(weights) is weights
        nn.Linear(3, 2), nn.Conv2d(3, 2, 1), nn.Embedding(3, 2), nn.MultiheadAttention(4, 2)
    assert torch.equal(torch.get_rng_state(), before)


def test_all_else_is_computed():
    with Unfilled():
        norm = nn.LayerNorm(4)
        made = norm.weight + torch.full((4,), 2.0).mul_(3)
    assert made.tolist() == [7.0] * 4
    assert nn.init.normal_(torch.zeros(4)).any()  # left again


@pytest.mark.parametrize(
    ("source", "fills"),
    [
        (Source("RN50", pretrained="openai"), True),
        (Source("RN50", pretrained="mine.pt"), True),
        (Source("hf-hub:one/model"), True),
        (Source("ViT-B-16-SigLIP", pretrained="webli.npz"), False),
        (Source("RN50"), False),
        (Source("RN50", pretrained="openai", load_weights=False), False),
    ],
)
def test_where_every_weight_is_read(source, fills):
    assert source.fills_all is fills
