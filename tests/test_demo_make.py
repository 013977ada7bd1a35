"""The parts of the demo's training that have an exact answer."""

import sys

import open_clip
import pytest
import torch
from paths import ROOT
from torch.nn.functional import cross_entropy, normalize

from mmneglabel.backbones import OpenCLIPBackbone


@pytest.fixture(autouse=True)
def scripts_beside(monkeypatch):
    """The training scripts import one another as neighbours."""
    monkeypatch.syspath_prepend(ROOT / "demo" / "make")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "demo" / "make")):
            del sys.modules[name]


def features(count, seed):
    return normalize(torch.randn(count, 8, generator=torch.Generator().manual_seed(seed)), dim=1)


def test_image_text_loss_with_one_view_is_the_contrastive_loss():
    from objectives import image_text_loss

    images, texts = features(5, 0), features(7, 1)
    logits = 10 * images @ texts.T
    own = torch.arange(5)
    expected = (cross_entropy(logits, own) + cross_entropy(logits[:, :5].T, own)) / 2
    none = torch.zeros(5, 7, dtype=torch.bool)
    torch.testing.assert_close(image_text_loss(images, texts, none, torch.tensor(10.0)), expected)


def test_what_is_true_of_a_picture_is_never_its_negative():
    from objectives import image_text_loss, text_text_loss

    images, texts = features(4, 0), features(6, 1).requires_grad_()
    blocked = torch.zeros(2, 6, dtype=torch.bool)
    blocked[:, 3] = True
    image_text_loss(images, texts, blocked, torch.tensor(10.0)).backward()
    assert texts.grad[3].abs().max() == 0
    assert texts.grad[4].abs().min() > 0
    same = torch.tensor([[False, True], [True, False]])
    torch.testing.assert_close(text_text_loss(features(2, 2), features(2, 3), same, 20.0), torch.tensor(0.0))


def test_augmentation_is_private_seeded_and_in_range():
    from augment import Augment

    drawings = torch.randint(0, 256, (6, 4, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    state = torch.get_rng_state()
    made = [
        Augment(torch.Generator().manual_seed(seed))(drawings, torch.ones(6, dtype=torch.bool), 1.0)
        for seed in (0, 0, 1)
    ]
    assert made[0].shape == (6, 3, 64, 64)
    assert (made[0].min() >= 0) & (made[0].max() <= 1)
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])
    assert torch.equal(torch.get_rng_state(), state)


def test_a_missing_extra_is_named(monkeypatch):
    from render_art import rasterized

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(SystemExit, match=r"needs resvg_py: pip install 'mmneglabel\[demo-train\]'"):
        rasterized("<svg/>")


def test_schedule_warms_up_and_ends_at_nothing():
    from train import rate_at

    rates = [rate_at(step, 100) for step in range(100)]
    assert max(rates) == rate_at(4, 100) == 1
    assert rates[0] < rates[3]
    assert rates[99] < 0.001


def test_training_encodes_text_like_the_library():
    from train import MODEL, encode_text

    model = OpenCLIPBackbone(str(MODEL), str(MODEL.with_suffix(".safetensors"))).model
    tokens = open_clip.SimpleTokenizer(context_length=16)(["a dog", "the nice yellow-bellied sapsucker", "x"])
    torch.testing.assert_close(encode_text(model, tokens), model.encode_text(tokens, normalize=True), rtol=0, atol=1e-5)
