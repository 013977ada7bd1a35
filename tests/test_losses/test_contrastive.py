import math

import pytest
import torch
from torch import distributed
from torch.nn import functional

from mmneglabel.losses import anchor_loss, supervised_contrastive_loss

LABELS = torch.tensor([0, 1, 1, 3, 3, 0, 1, 0, 3, 3, 2, 2])


def raw_features(width=5):
    return torch.randn(len(LABELS), width, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def loss_of(raw, labels=LABELS):
    return supervised_contrastive_loss(functional.normalize(raw, dim=1), labels)


def test_by_hand():
    """Two rows of one class and a third at right angles to both."""
    features = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    loss = supervised_contrastive_loss(features, torch.tensor([0, 0, 1]), temperature=0.5, base_temperature=0.25)
    pair = math.log(1 + math.exp(-2))  # a row meets its twin at 2 and the third at 0
    assert loss.item() == pytest.approx(2 * (2 * pair + 0) / 3)


def test_a_row_without_positives_adds_zero():
    raw = raw_features()[:3].requires_grad_()
    loss = loss_of(raw, torch.tensor([0, 1, 2]))
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(raw.grad).all()


def test_a_lone_row():
    raw = raw_features()[:1].requires_grad_()
    loss_of(raw, torch.tensor([0])).backward()
    assert torch.isfinite(raw.grad).all()


def test_nothing_but_outliers_is_finite():
    assert torch.isfinite(loss_of(raw_features(), torch.full_like(LABELS, 3)))


def test_order_does_not_matter():
    order = torch.randperm(len(LABELS), generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(loss_of(raw_features()), loss_of(raw_features()[order], LABELS[order]))


def test_gradient():
    assert torch.autograd.gradcheck(loss_of, raw_features().requires_grad_())


def tagfog_loss(raw, labels):
    """Both losses of the projection; label 3 is the outliers'."""
    features = functional.normalize(raw, dim=1)
    anchors = torch.eye(3, features.shape[1], dtype=torch.float64)
    return anchor_loss(features, labels, anchors) + supervised_contrastive_loss(features, labels)


def shard(rank, world, folder):
    """One process's loss and gradient on its rows."""
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=world)
    mine = slice(rank * len(LABELS) // world, (rank + 1) * len(LABELS) // world)
    raw = raw_features()[mine].requires_grad_()
    loss = tagfog_loss(raw, LABELS[mine])
    loss.backward()
    torch.save((loss.detach(), raw.grad), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


def test_two_processes_agree_with_one(tmp_path, forking):
    """What DistributedDataParallel makes of it, the mean over processes, is one process's loss and gradient."""
    world = 2
    script = "import sys; from test_losses.test_contrastive import shard; shard(*map(int, sys.argv[1:3]), sys.argv[3])"
    done = forking.run_together(*(("-c", script, rank, world, tmp_path) for rank in range(world)), cwd=tmp_path)
    assert [process.returncode for process in done] == [0] * world, done
    shards = [torch.load(tmp_path / f"{rank}.pt") for rank in range(world)]
    raw = raw_features().requires_grad_()
    loss = tagfog_loss(raw, LABELS)
    loss.backward()
    torch.testing.assert_close(torch.stack([part for part, _ in shards]).mean(), loss.detach())
    torch.testing.assert_close(torch.cat([gradient for _, gradient in shards]) / world, raw.grad)
