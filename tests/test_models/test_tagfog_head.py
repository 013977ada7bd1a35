import math

import pytest
import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch.nn import functional

from mmneglabel.errors import ConfigError
from mmneglabel.losses import anchor_loss, supervised_contrastive_loss

CLASSES, WIDTH, ANCHOR_WIDTH = 3, 6, 5


def build(**changes):
    torch.manual_seed(0)
    return MODELS.build(
        {"type": "TagFogHead", "num_classes": CLASSES, "in_channels": WIDTH, "anchor_dim": ANCHOR_WIDTH, **changes}
    )


def anchored(**changes):
    head = build(**changes)
    head.set_anchors(torch.randn(CLASSES, ANCHOR_WIDTH))
    return head


def samples(*labels):
    return [DataSample().set_gt_label(label) for label in labels]


def features(rows):
    return torch.randn(rows, WIDTH, generator=torch.Generator().manual_seed(1))


def test_losses_are_the_weighted_parts():
    head, two_views, labels = anchored(anchor_weight=0.5, contrastive_weight=2), features(8), torch.tensor([0, 2, 3, 1])
    losses = head.loss((two_views,), samples(*labels))
    both = labels.repeat(2)
    projected = functional.normalize(head.projection(two_views), dim=1)
    expected = {
        "loss_ce": functional.cross_entropy(head.fc(two_views), both),
        "loss_anchor": 0.5 * anchor_loss(projected, both, head.anchors),
        "loss_contrastive": 2 * supervised_contrastive_loss(projected, both),
    }
    torch.testing.assert_close(losses, expected)


def test_temperatures_reach_their_losses():
    plain = anchored().loss((features(4),), samples(0, 1))
    for name, changed in {
        "anchor_temperature": "loss_anchor",
        "contrastive_temperature": "loss_contrastive",
        "base_temperature": "loss_contrastive",
    }.items():
        other = anchored(**{name: 0.3}).loss((features(4),), samples(0, 1))
        assert {key for key in plain if not torch.allclose(plain[key], other[key])} == {changed}


def test_only_the_id_classes_are_predicted():
    head = build()
    with torch.no_grad():
        head.fc.bias[CLASSES] = 1e6  # outliers would win every time
    assert head((features(4),)).shape == (4, CLASSES)
    assert all(int(sample.pred_label) < CLASSES for sample in head.predict((features(4),)))


def test_nothing_but_outliers():
    head = anchored()
    losses = head.loss((features(8).requires_grad_(),), samples(*[CLASSES] * 4))
    sum(losses.values()).backward()
    assert losses["loss_anchor"].item() == 0
    assert all(math.isfinite(loss.item()) for loss in losses.values())
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())


@pytest.mark.parametrize("labels", [(0, CLASSES + 1), (0, -1)])
def test_labels_of_other_classes(labels):
    with pytest.raises(ConfigError, match=r"needs one from 0 to 3 \(outliers\): set model.head.num_classes"):
        anchored().loss((features(4),), samples(*labels))


def test_no_anchors():
    with pytest.raises(ConfigError, match="no anchors: add TextAnchorHook"):
        build().loss((features(4),), samples(0, 1))


def test_weights_of_zero_need_no_anchors_and_leave_no_idle_weights():
    head = build(anchor_weight=0, contrastive_weight=0)
    sum(head.loss((features(4),), samples(0, 1)).values()).backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize("shape", [(CLASSES, ANCHOR_WIDTH + 1), (CLASSES + 1, ANCHOR_WIDTH)])
def test_anchors_of_another_shape(shape):
    with pytest.raises(
        ConfigError, match=f"anchors are {shape[0]} of width {shape[1]}, and the head wants 3 of width 5"
    ):
        build().set_anchors(torch.ones(shape))


def test_anchors_are_unit_norm_and_travel_with_checkpoints():
    head, other = anchored(), build()
    torch.testing.assert_close(head.anchors.norm(dim=1), torch.ones(CLASSES))
    assert not other.has_anchors
    other.load_state_dict(head.state_dict())
    assert other.has_anchors


def test_autocast_leaves_the_losses_alone():
    head, batch = anchored(), samples(0, 1, 3, 3)
    plain = head.eval().loss((features(8),), batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = head.loss((features(8),), batch)
    torch.testing.assert_close(mixed, plain, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("setting", "value", "wanted"),
    [
        ("num_classes", 0, "an integer above 0"),
        ("anchor_temperature", 0, "positive and finite"),
        ("base_temperature", -1, "positive and finite"),
        ("contrastive_weight", -0.5, "finite and not negative"),
        ("anchor_weight", "1", "finite and not negative"),
        ("contrastive_temperature", float("nan"), "positive and finite"),
    ],
)
def test_settings_out_of_range(setting, value, wanted):
    with pytest.raises(ConfigError, match=f"{setting} must be {wanted}, got {value!r}"):
        build(**{setting: value})
