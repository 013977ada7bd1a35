import copy

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from mmpretrain.models import ImageClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import nn

from mmneglabel.errors import ConfigError, WeightsError
from mmneglabel.posthoc import TrainingFeatures
from mmneglabel.posthoc.outputs import find_last_layer

POOL = {"type": "GlobalAveragePooling"}
LINEAR = {"type": "LinearClsHead", "num_classes": 3}
VIT = {
    "type": "VisionTransformer",
    "arch": {"embed_dims": 12, "num_layers": 1, "num_heads": 2, "feedforward_channels": 24},
    "patch_size": 8,
    "img_size": 32,
}
NETWORKS = {
    "ResNet-18": ({"type": "ResNet", "depth": 18}, POOL, LINEAR | {"in_channels": 512}),
    "ResNet_CIFAR": (
        {"type": "ResNet_CIFAR", "depth": 18, "base_channels": 8, "stem_channels": 8},
        POOL,
        LINEAR | {"in_channels": 64},
    ),
    "ConvNeXt": (
        {"type": "ConvNeXt", "arch": {"depths": [1] * 4, "channels": [8, 8, 8, 12]}},
        None,
        LINEAR | {"in_channels": 12},
    ),
    "ViT": (VIT, None, {"type": "VisionTransformerClsHead", "num_classes": 3, "in_channels": 12}),
    "ViT with a hidden layer": (
        VIT,
        None,
        {"type": "VisionTransformerClsHead", "num_classes": 3, "in_channels": 12, "hidden_dim": 12},
    ),
    "TagFog": (
        {"type": "ResNet_CIFAR", "depth": 18, "base_channels": 8, "stem_channels": 8},
        POOL,
        {"type": "TagFogHead", "num_classes": 3, "in_channels": 64, "anchor_dim": 16},
    ),
}
SCORES = {name: {} for name in ("MSP", "MaxLogit", "Energy", "ReAct")}
SCORES |= {"ODIN": {"epsilon": 0.01}, "Mahalanobis": {}, "KNN": {"k": 3}, "ViM": {"dim": 5}}
PREPROCESSOR = {"mean": [120.0] * 3, "std": [60.0, 50.0, 40.0]}


def build(network="ResNet_CIFAR", scores=SCORES, kind="PostHocClassifier", **changes):
    """A network with random weights: init_weights, which makes a transformer's head zero, is left out."""
    backbone, neck, head = copy.deepcopy(NETWORKS[network])
    config = {"type": kind, "backbone": backbone, "neck": neck, "head": head, "data_preprocessor": dict(PREPROCESSOR)}
    if kind == "PostHocClassifier":
        config["scores"] = scores
    torch.manual_seed(0)
    return MODELS.build(config | changes).eval()


def pixels(count=4, seed=0):
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def fit(model, count=20):
    features = model.penultimate(pixels(count, seed=1))
    training = TrainingFeatures(features, torch.arange(count) % 3, 3, model.last_layer)
    for score in model.fitting_scores().values():
        score.fit(training)
    return training


@pytest.mark.parametrize("network", NETWORKS)
def test_every_score_of_every_network_in_one_pass(network):
    model, images = build(network), pixels()
    fit(model)
    samples = model(images, [DataSample() for _ in images], mode="predict")
    feats = model.extract_feat(images)
    every = (model.head.fc(feats[-1]) if network == "TagFog" else model.head(feats)).detach()
    logits, msp = every[:, :3], every.double().softmax(1)[:, :3].amax(1)
    energy = logits.double().logsumexp(1)
    for sample, row, m, e in zip(samples, logits, msp, energy, strict=True):
        torch.testing.assert_close(sample.pred_score, row.softmax(0))
        assert sample.pred_label.tolist() == [row.argmax()]
        assert list(sample.ood_scores) == list(SCORES)
        assert sample.ood_scores["MSP"] == pytest.approx(m.item(), abs=1e-6)
        assert sample.ood_scores["Energy"] == pytest.approx(e.item(), abs=1e-5)
        assert np.isfinite(list(sample.ood_scores.values())).all()
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("network", NETWORKS)
def test_the_last_layer_makes_the_logits(network):
    model, images = build(network), pixels()
    fit(model)
    torch.testing.assert_close(
        model.last_layer(model.penultimate(images)), model.head(model.extract_feat(images)).detach()
    )


def test_learned_outliers_lower_msp_and_odin_by_every_way():
    """The logit of outliers is large: test and validation say so, and the classes are what they were."""
    odin = {"method": "ODIN", "temperature": 1.0, "epsilon": 0.0}
    model, images = build("TagFog", scores={"MSP": SCORES["MSP"], "ODIN": odin}), pixels()
    before = model(images, mode="predict")
    with torch.no_grad():
        model.head.fc.bias[3] += 20
    for mode in ("predict", "validate"):
        for sample, old in zip(model(images, mode=mode), before, strict=True):
            assert sample.ood_scores["MSP"] == pytest.approx(sample.ood_scores["ODIN"], rel=1e-6)
            assert sample.ood_scores["MSP"] < 1e-4 < old.ood_scores["MSP"]
            assert sample.pred_score.equal(old.pred_score)
            assert sample.pred_label.equal(old.pred_label)


def test_odin_steps_towards_an_id_class():
    model, images = build("TagFog", scores={"ODIN": SCORES["ODIN"]}), pixels(1)
    with torch.no_grad():
        model.head.fc.bias[3] += 1  # the outliers' logit is the largest
    image = images.clone().requires_grad_()
    (model.head.fc(model.extract_feat(image)[-1]) / 1000).log_softmax(1)[:, :3].max().backward()
    std = torch.tensor(PREPROCESSOR["std"]).view(3, 1, 1) / 255
    pushed = images + 0.01 * image.grad.sign() / std
    expected = (model.head.fc(model.extract_feat(pushed)[-1]).detach().double() / 1000).softmax(1)[:, :3].max()
    (sample,) = model(images, mode="predict")
    assert sample.ood_scores["ODIN"] == pytest.approx(expected.item(), abs=1e-9)


def test_one_forward_pass_but_for_odin():
    passes = []
    model = build(scores={name: score for name, score in SCORES.items() if name != "ODIN"})
    fit(model)
    model.backbone.register_forward_hook(lambda *_: passes.append(1))
    model(pixels(), mode="predict")
    assert len(passes) == 1


def test_odin_steps_in_units_of_unnormalised_pixels():
    model, images = build(scores={"ODIN": SCORES["ODIN"]}), pixels(1)
    image = images.clone().requires_grad_()
    (model(image, mode="tensor") / 1000).log_softmax(1).max().backward()
    std = torch.tensor(PREPROCESSOR["std"]).view(3, 1, 1) / 255
    logits = model(images + 0.01 * image.grad.sign() / std, mode="tensor").detach().double()
    (sample,) = model(images, mode="predict")
    assert sample.ood_scores["ODIN"] == pytest.approx((logits / 1000).softmax(1).max().item(), abs=1e-9)


def test_validation_leaves_out_what_has_to_be_fitted():
    model = build()
    data = {"inputs": torch.zeros(2, 3, 32, 32, dtype=torch.uint8), "data_samples": [DataSample(), DataSample()]}
    for sample in model.val_step(data):
        assert list(sample.ood_scores) == ["MSP", "MaxLogit", "Energy", "ODIN"]
    with pytest.raises(ConfigError, match="ReActScore was not fitted: add dict"):
        model.test_step(data)
    with pytest.raises(ConfigError, match="every score learns from training images, so validation has none"):
        build(scores={"KNN": SCORES["KNN"]}).val_step(data)


def test_trains_as_image_classifier_does():
    ours, theirs = build(), build(kind="ImageClassifier")
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    theirs.load_state_dict(ours.state_dict())
    samples = [DataSample().set_gt_label(i) for i in (0, 2)]
    assert ours(pixels(2), samples, mode="loss")["loss"].equal(theirs(pixels(2), samples, mode="loss")["loss"])
    assert ours(pixels(2)).equal(theirs(pixels(2)))
    assert isinstance(ours, ImageClassifier)


def test_scores_are_in_full_precision_under_autocast():
    model, images = build(), pixels()
    fit(model)
    exact = model(images, mode="predict")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = model(images, mode="predict")
        features = model.penultimate(images)
    assert features.dtype == torch.float32
    for one, two in zip(exact, rough, strict=True):
        assert one.pred_score.dtype == two.pred_score.dtype == torch.float32
        # ODIN goes through the network once more, in float32: only the other scores know of bfloat16.
        assert two.ood_scores["ODIN"] == one.ood_scores["ODIN"]
        assert two.ood_scores["Energy"] == pytest.approx(one.ood_scores["Energy"], rel=0.05)
        assert two.ood_scores["Energy"] != one.ood_scores["Energy"]


def test_a_double_network_stays_double():
    model = build(scores={name: SCORES[name] for name in ("MSP", "KNN", "ReAct")}).double()
    training = model.penultimate(pixels(20, seed=1).double())
    assert training.dtype == torch.float64
    for score in model.fitting_scores().values():
        score.fit(TrainingFeatures(training, torch.arange(20) % 3, 3))
    model(pixels().double(), mode="predict")


def load(model, state):
    """As the Runner does, which is not strict."""
    _load_checkpoint_to_model(model, {"state_dict": state})
    return model


def test_stock_checkpoints_load():
    state = build(kind="ImageClassifier").state_dict()
    load(build(), state)
    load(build(), {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")})


def test_a_checkpoint_of_another_number_of_classes_is_refused():
    for network, rows in (("ResNet_CIFAR", 10), ("TagFog", 10)):
        head = NETWORKS[network][2] | {"num_classes": 10}
        other = build(network, head=head).state_dict()
        with pytest.raises(
            WeightsError, match=rf"another number of classes, '.*' has {rows} rows .* and 3 in the model"
        ):
            load(build(network), other)


def test_any_other_checkpoint_is_refused():
    state = build().state_dict()
    del state["backbone.conv1.weight"]
    with pytest.raises(
        WeightsError, match=r"1 of its \d+ weights .* first 'backbone.conv1.weight' \(absent in the checkpoint"
    ):
        load(build(), state)
    with pytest.raises(WeightsError, match=r"set model\.backbone.init_cfg=dict"):
        load(build(), build("ViT").state_dict())
    with pytest.raises(WeightsError, match=r"'neck.extra' \(\(1,\) in the checkpoint, absent in the model"):
        load(build(), build().state_dict() | {"neck.extra": torch.zeros(1)})


def test_transformers_resize_their_position_embeddings():
    larger = VIT | {"img_size": 48}
    model = load(build("ViT"), build("ViT", backbone=larger).state_dict())
    assert model.backbone.pos_embed.shape == (1, 17, 12)


def test_features_of_another_form_are_named():
    with pytest.raises(ConfigError, match=r"LinearClsHead.pre_logits gives 4-dimensional ones instead of one feature"):
        build(neck=None, head=LINEAR | {"in_channels": 2}, scores={"KNN": SCORES["KNN"]}).penultimate(pixels(2))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_no_number_is_named_and_not_the_sum(value):
    model, one = build(), torch.tensor(1.0)
    assert model.parse_losses({"loss_ce": one, "loss_anchor": one})[0] == 2
    with pytest.raises(ConfigError, match=f"The loss_ce is {value} in iteration"):
        model.parse_losses({"loss_ce": one * value, "loss_anchor": one})


def test_the_last_layer_is_known_by_what_it_computes():
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.other = nn.Linear(5, 4, bias=False), nn.Linear(5, 4)

    head, features = Head(), torch.randn(6, 5)
    assert find_last_layer(head, features, head.fc(features)[:, :3], ["ViM"]) is head.fc
    with pytest.raises(ConfigError, match=r"Head has no linear layer .* which 'ViM', 'ReAct' need: leave them out"):
        find_last_layer(
            head, features, torch.cosine_similarity(features[:, None], torch.eye(5), dim=2), ["ViM", "ReAct"]
        )


def test_normalises_rgb_and_takes_another_preprocessor():
    assert type(build().data_preprocessor).__name__ == "ImagePreprocessor"
    assert build(data_preprocessor=None).data_preprocessor.to_rgb is False
    stock = build(data_preprocessor={"type": "ClsDataPreprocessor", "to_rgb": True}).data_preprocessor
    assert type(stock).__name__ == "ClsDataPreprocessor"
    mixup = {"augments": {"type": "Mixup", "alpha": 0.2}}
    mixed = build(train_cfg=mixup, data_preprocessor={"num_classes": 3}).data_preprocessor
    assert mixed.batch_augments is not None
    assert type(mixed).__name__ == "ClsDataPreprocessor"


def test_refuses_scores_of_other_models_or_none():
    with pytest.raises(ConfigError, match=r"'MCM': MCMScore needs texts, which a PostHocClassifier does not offer"):
        build(scores=["MCM"])
    with pytest.raises(ConfigError, match="did you mean 'EnergyScore'"):
        build(scores={"Energy": {"type": "EnergyScorre"}})
    with pytest.raises(ConfigError, match=r"model.scores is {}: name at least one"):
        build(scores={})
    with pytest.raises(ConfigError, match=r"model.head is None"):
        build(head=None)
