"""Networks of torchvision and timm as backbones: their own logits, features, pixels and words where they cannot."""

import logging

import numpy as np
import pytest
import timm
import torch
import torchvision
from mmpretrain.registry import MODELS
from PIL import Image

from mmneglabel.backbones import normalised
from mmneglabel.errors import ConfigError, WeightsError
from mmneglabel.models import TimmBackbone, TorchvisionBackbone
from test_models.test_posthoc_classifier import SCORES, fit

NETWORKS = [
    ("TorchvisionBackbone", "resnet18"),
    ("TorchvisionBackbone", "mobilenet_v3_small"),
    ("TorchvisionBackbone", "shufflenet_v2_x0_5"),
    ("TimmBackbone", "resnet10t"),
    ("TimmBackbone", "vit_tiny_patch16_224"),
    ("TimmBackbone", "convnext_atto"),
    ("TimmBackbone", "mobilenetv3_small_050"),
]
SHAPES = [(500, 375), (333, 500), (224, 224), (100, 81), (257, 1000), (233, 230)]
SMALL = {"type": "TimmBackbone", "model_name": "mobilenetv3_small_050", "num_classes": 3}


def whole(kind, name):
    """The library's own classifier of five classes, with random weights, by the library's own call."""
    torch.manual_seed(0)
    make = torchvision.models.get_model if kind == "TorchvisionBackbone" else timm.create_model
    network = make(name, num_classes=5).eval()
    for parameter in network.parameters():  # some begin with a layer of zeros
        torch.nn.init.normal_(parameter, std=0.05)
    return network


def build(scores=("MSP",), **backbone):
    return MODELS.build({"type": "PostHocClassifier", "backbone": {**SMALL, **backbone}, "scores": scores}).eval()


def kept(network, path):
    torch.save({"model": network.state_dict()}, path)
    return str(path)


def pixels(count, side=64, seed=0):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("kind", "name"), NETWORKS)
def test_logits_are_those_of_the_library(kind, name, tmp_path):
    network, side = whole(kind, name), 224 if "vit" in name else 64
    tag = next(iter(MODELS.get(kind).published(name)))
    file = kept(network, tmp_path / "own.pth")
    model = build(SCORES, type=kind, model_name=name, weights=tag, checkpoint=file, num_classes=5)
    model.init_weights()  # what tools call where nothing is loaded must not make the weights random again
    images = pixels(2, side)
    with torch.no_grad():
        logits = network(images)
    torch.testing.assert_close(model(images), logits, rtol=0, atol=1e-6)
    features = model.penultimate(images)
    assert features.shape == (2, model.head.in_channels)
    torch.testing.assert_close(model.last_layer(features), logits, rtol=0, atol=1e-5)
    assert not any(name.startswith("backbone") and "classifier.weight" in name for name in model.state_dict())
    assert sum(p.numel() for p in model.parameters()) == sum(p.numel() for p in network.parameters())


def test_every_score_of_one_batch():
    model, images = build(SCORES | {"ViM": {"dim": 5}}), pixels(4, 32)
    fit(model)
    logits = model(images).double()
    for sample, row in zip(model(images, mode="predict"), logits, strict=True):
        assert list(sample.ood_scores) == list(SCORES)
        assert sample.ood_scores["Energy"] == pytest.approx(row.logsumexp(0).item(), abs=1e-5)
        assert np.isfinite(list(sample.ood_scores.values())).all()


def test_trains_the_layer_that_it_brings():
    model = build()
    samples = [sample.set_gt_label(1) for sample in model(pixels(2), mode="predict")]
    model.train()(pixels(2), samples, mode="loss")["loss"].backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def shown(picture, facts, transform):
    """The largest difference, in levels of 255, between our pixels and the library's own."""
    ours, theirs = normalised(picture, facts), transform(picture)
    assert ours.shape == theirs.shape
    return ((ours - theirs).abs().amax((1, 2)) * torch.tensor(facts.std)).max() * 255


def distinct(kind, names):
    """A published tag for each way in which pixels are made."""
    found = {}
    for name in names:
        for published in kind.published(name).values():
            try:
                found.setdefault(kind.pixels(published), published)
            except ConfigError as error:
                assert "timm pads pictures" in str(error)  # noqa: PT017 - said of a few of many
    return found.items()


TORCHVISION = distinct(TorchvisionBackbone, TorchvisionBackbone.names())
TIMM = distinct(TimmBackbone, ["resnet50", "vit_base_patch16_224", "vit_tiny_patch16_384", "beit_base_patch16_224",
                               "convnext_base", "efficientnet_b4", "eva02_small_patch14_336", "inception_v4",
                               "regnety_160", "volo_d1_224"])  # fmt: skip


@pytest.mark.parametrize("size", SHAPES)
def test_pixels_are_those_of_the_library_to_the_last_level(size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    for facts, weights in TORCHVISION:
        assert shown(picture, facts, weights.transforms()) < 1e-3, weights
    for facts, published in TIMM:
        config = timm.data.resolve_data_config(pretrained_cfg=published.to_dict())
        assert shown(picture, facts, timm.data.create_transform(**config)) < 1e-3, published
    assert len(TORCHVISION) > 20
    assert {facts.resize_mode for facts, _ in TIMM} == {"shortest", "squash"}


@pytest.mark.parametrize(
    ("override", "told"),
    [(None, "bicubic"), ({"interpolation": "nearest"}, "nearest"), ("pipeline", "as the pipelines make them")],
)
def test_facts_and_preprocessor_are_the_librarys(override, told):
    config = {"type": "PostHocClassifier", "backbone": SMALL, "scores": ["MSP"], "preprocessing_override": override}
    model = MODELS.build(config)
    pixels = model.facts()["pixels"]
    assert (pixels if override == "pipeline" else pixels["interpolation"]) == told
    std = model.data_preprocessor.std.flatten() / 255
    torch.testing.assert_close(std, torch.tensor(model.backbone.preprocessing.std))
    assert model.data_preprocessor.to_rgb is False


def test_timm_may_write_architecture_and_tag_as_one():
    one = TimmBackbone("vit_tiny_patch16_224.augreg_in21k_ft_in1k", load_weights=False)
    two = TimmBackbone("vit_tiny_patch16_224", "augreg_in21k_ft_in1k", load_weights=False)
    assert one.preprocessing == two.preprocessing
    assert one.preprocessing.mean == (0.5, 0.5, 0.5)


def test_a_file_shares_the_pixels_that_all_tags_agree_on(tmp_path):
    file = kept(whole("TorchvisionBackbone", "resnet18"), tmp_path / "own.pth")
    assert TorchvisionBackbone("resnet18", checkpoint=file, num_classes=5).preprocessing.resized_to == (256, 256)
    with pytest.raises(ConfigError, match=r"pixels differ \(IMAGENET1K_V1: 224x224 cut from 256x256.*; IMAGENET1K_V2"):
        TorchvisionBackbone("resnet50", checkpoint=file)


def test_weights_that_cannot_be_fetched_are_one_line(monkeypatch):
    def silent(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr("mmneglabel.backbones.hub.try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr("mmneglabel.backbones.hub.HfApi.model_info", silent)
    monkeypatch.setattr("torchvision.models.resnet.ResNet18_Weights.get_state_dict", silent)
    for kind, tag in ((TimmBackbone, "a1_in1k"), (TorchvisionBackbone, "IMAGENET1K_V1")):
        said = rf"The weights '{tag}' of {kind.library}'s 'resnet18' cannot be had \(no route\)\. Set backbone\.checkp"
        with pytest.raises(WeightsError, match=said):
            kind("resnet18", tag)


def test_random_weights_are_said(caplog):
    with caplog.at_level(logging.WARNING):
        build()
        build(load_weights=False)
    assert [record.message for record in caplog.records] == [
        "timm's 'mobilenetv3_small_050' has random weights (weights=None): its scores mean nothing."
    ]


def test_a_checkpoint_of_the_whole_model_comes_back_and_a_librarys_does_not(tmp_path):
    one, two = build(), build(load_weights=False)
    two.load_state_dict(one.state_dict())
    torch.testing.assert_close(two(pixels(1)), one(pixels(1)))
    with pytest.raises(WeightsError, match=r"library's own names belongs into model.backbone.checkpoint"):
        two.load_state_dict(timm.create_model("mobilenetv3_small_050", num_classes=3).state_dict())
