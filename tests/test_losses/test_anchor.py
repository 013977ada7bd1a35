import math

import pytest
import torch
from torch.nn import functional

from mmneglabel.losses import anchor_loss

ANCHORS = torch.eye(3, dtype=torch.float64)


def test_by_hand():
    """One ID row on its anchor, one outlier: the outlier adds nothing and is counted."""
    features = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    loss = anchor_loss(features, torch.tensor([0, 3]), ANCHORS, temperature=0.5)
    assert loss.item() == pytest.approx(math.log(1 + 2 * math.exp(-2)) / 2)


def test_nothing_but_outliers_is_zero_and_teaches_nothing():
    features = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    loss = anchor_loss(features, torch.full((4,), 3), ANCHORS)
    loss.backward()
    assert loss.item() == 0
    assert not features.grad.any()


def test_gradient():
    features = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    labels = torch.tensor([0, 1, 2, 3, 3, 0])
    assert torch.autograd.gradcheck(lambda f: anchor_loss(functional.normalize(f, dim=1), labels, ANCHORS), features)
