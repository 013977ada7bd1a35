"""Losses against vectors computed with the authors' code, whatever weights and temperatures the file holds."""

import re

import pytest
import torch
from torch.nn import functional

from mmneglabel.losses import anchor_loss, supervised_contrastive_loss


@pytest.fixture
def batch(golden):
    data = golden("tagfog_losses")
    anchors = functional.normalize(data["text_anchors"], dim=1)
    return data, data["features_two_views"], data["labels"].long().repeat(2), anchors


def test_cross_entropy_and_anchors(batch):
    data, features, labels, anchors = batch
    cases = [m for key in data if (m := re.fullmatch(r"tau([\d.]+)_alpha([\d.]+)_anchor_plus_ce", key))]
    assert cases
    for case in cases:
        temperature, weight = map(float, case.groups())
        ours = functional.cross_entropy(data["logits"], labels)
        ours = ours + weight * anchor_loss(features, labels, anchors, temperature)
        torch.testing.assert_close(ours, data[case.group()], atol=1e-5, rtol=0)


def test_supervised_contrastive(batch):
    data, features, labels, _ = batch
    cases = [m for key in data if (m := re.fullmatch(r"tau([\d.]+)_supcon_base([\d.]+)", key))]
    assert cases
    for case in cases:
        temperature, base = map(float, case.groups())
        ours = supervised_contrastive_loss(features, labels, temperature, base)
        torch.testing.assert_close(ours, data[case.group()], atol=1e-5, rtol=0)
