"""WRN-40-2 and its like, by counting parameters and by what MMPretrain makes of their features."""

import pytest
import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

from mmneglabel.errors import ConfigError


def build(**settings):
    network = MODELS.build({"type": "WideResNet", **settings})
    network.eval()  # MMPretrain's backbones return nothing here
    return network


def parameters(channels, blocks, classes=10):
    """Of the paper's network, counted by hand: convolutions without bias, a norm before each, a linear layer."""
    count, before = 3 * 16 * 9, 16
    for after in channels:
        shortcut = before * after if before != after or after != channels[0] else 0
        count += 2 * before + 9 * before * after + 2 * after + 9 * after * after + shortcut
        count += (blocks - 1) * 2 * (2 * after + 9 * after * after)
        before = after
    return count + 2 * before + (before + 1) * classes


@pytest.mark.parametrize(("depth", "width", "known"), [(40, 2, 2_243_546), (28, 10, 36_479_194), (16, 1, None)])
def test_has_the_papers_parameters(depth, width, known):
    own = sum(p.numel() for p in build(depth=depth, width=width).parameters()) + (64 * width + 1) * 10
    assert own == parameters([16 * width, 32 * width, 64 * width], (depth - 4) // 6)
    assert known in (own, None)


@pytest.mark.parametrize(("width", "size"), [(1, (32, 32)), (2, (40, 24))])
def test_gives_one_map_at_a_quarter_of_the_size(width, size):
    (features,) = build(depth=10, width=width)(torch.rand(2, 3, *size))
    assert features.shape == (2, 64 * width, size[0] // 4, size[1] // 4)
    assert features.min() == 0  # the last layer is a ReLU


def test_a_block_adds_to_its_input():
    block = build(depth=16, width=2).stages[1][1]
    torch.nn.init.zeros_(block.conv2.weight)
    features = torch.randn(2, 64, 8, 8)
    assert torch.equal(block(features), features)


def test_trains_in_mmpretrains_classifier():
    torch.manual_seed(0)
    head = {"type": "LinearClsHead", "num_classes": 3, "in_channels": 64}
    backbone = {"type": "WideResNet", "depth": 10, "width": 1}
    neck = {"type": "GlobalAveragePooling"}
    model = MODELS.build({"type": "ImageClassifier", "backbone": backbone, "neck": neck, "head": head})
    model.init_weights()
    images, samples = torch.rand(6, 3, 16, 16), [DataSample().set_gt_label(i % 3) for i in range(6)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(30):
        loss = model(images, samples, mode="loss")["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters())
    assert losses[-1] < 0.1 < losses[0]


def test_dropout_is_for_training():
    network, images = build(depth=10, width=1, dropout=0.5), torch.rand(2, 3, 8, 8)
    assert torch.equal(network(images)[0], network(images)[0])
    network.train()
    assert not torch.equal(network(images)[0], network(images)[0])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"depth": 18}, r"depth must be 6n \+ 4, such as 16, 28 or 40, got 18"),
        ({"depth": 4}, "got 4"),
        ({"depth": 40.0}, r"got 40\.0"),
        ({"width": 0}, "width must be an integer above 0, got 0"),
        ({"dropout": 1.0}, r"dropout must be at least 0 and below 1, got 1\.0"),
    ],
)
def test_refuses_networks_that_cannot_be(settings, says):
    with pytest.raises(ConfigError, match=says):
        build(**settings)
