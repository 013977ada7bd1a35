"""ReAct and ViM, against their formulas and pytorch-ood."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_ood.detector import ReAct, ViM

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.posthoc import LastLayer, ReActScore, TrainingFeatures, ViMScore
from mmneglabel.posthoc.activations import _usual_dim
from mmneglabel.scores import EnergyScore


@pytest.mark.parametrize("quantile", [0.8, 0.9])
def test_react_is_the_formula_and_pytorch_oods(training, outputs, layer, quantile):
    score = ReActScore(quantile)
    clip = np.quantile(training.features.numpy(), quantile)
    assert score.fit(training) == f"features are clipped at {clip:.4g}"
    assert (outputs.features > clip).any()
    logits = np.minimum(outputs.features.numpy(), clip) @ layer.weight.numpy().T + layer.bias.numpy()
    assert score(outputs).numpy() == pytest.approx(np.log(np.exp(logits.astype(float)).sum(1)), abs=1e-5)
    theirs = ReAct(None, lambda features: layer(features).double(), percentile=quantile)
    theirs.fit_feature_maps(training.features, training.labels)
    assert score(outputs).equal(-theirs.predict_feature_maps(outputs.features))


def test_without_clipping_it_is_the_energy(training, outputs, fitted):
    score = fitted(ReActScore(1.0), replace(training, features=training.features + 10))
    torch.testing.assert_close(score(outputs), EnergyScore()(outputs), rtol=1e-6, atol=1e-6)


def test_labels_do_not_matter_to_react(training, outputs, fitted):
    unlabelled = replace(training, labels=torch.full_like(training.labels, -1))
    assert fitted(ReActScore())(outputs).equal(fitted(ReActScore(), unlabelled)(outputs))


def by_hand(training, outputs, dim):
    """As the authors' benchmark.py does, in float64."""
    weight, bias = (tensor.double().numpy() for tensor in (training.last_layer.weight, training.last_layer.bias))
    known, features = training.features.double().numpy(), outputs.features.double().numpy()
    origin = -np.linalg.pinv(weight) @ bias
    values, vectors = np.linalg.eig((known - origin).T @ (known - origin) / len(known))
    residual = vectors[:, np.argsort(-values)[dim:]]
    largest = (known @ weight.T + bias).max(1).mean()
    alpha = largest / np.linalg.norm((known - origin) @ residual, axis=1).mean()
    logits = features @ weight.T + bias
    return np.log(np.exp(logits).sum(1)) - alpha * np.linalg.norm((features - origin) @ residual, axis=1)


@pytest.mark.parametrize("dim", [1, 6, 11])
def test_vim_is_the_formula(training, outputs, dim):
    score = ViMScore(dim)
    assert score.fit(training).startswith(f"{dim} of 12 directions, alpha ")
    assert score(outputs).numpy() == pytest.approx(by_hand(training, outputs, dim), rel=1e-5)


def test_vim_agrees_with_pytorch_ood_where_float32_suffices(training, outputs, layer, fitted):
    features = torch.randn(90, 12, generator=torch.Generator().manual_seed(9))
    ours = fitted(ViMScore(6), replace(training, features=features))(outputs)
    theirs = ViM(None, 6, layer.weight, layer.bias).fit_features(features, training.labels)
    torch.testing.assert_close(ours.float(), -theirs.predict_features(outputs.features), rtol=1e-3, atol=1e-3)


def test_blocks_change_nothing(outputs, fitted, monkeypatch):
    whole = fitted(ViMScore())(outputs)
    monkeypatch.setattr("mmneglabel.posthoc.outputs._BLOCK", 7)
    torch.testing.assert_close(fitted(ViMScore())(outputs), whole)


@pytest.mark.parametrize(("width", "dim"), [(2048, 1000), (1500, 1000), (768, 512), (512, 256), (3, 1), (1, 1)])
def test_usual_dim(width, dim):
    assert _usual_dim(width) == dim


def test_vim_refuses_what_leaves_no_residual(training, layer):
    with pytest.raises(ConfigError, match="dim=12 must be below the width of the features, 12"):
        ViMScore(12).fit(training)
    few = TrainingFeatures(training.features[:6], training.labels[:6], 4, layer)
    with pytest.raises(DataError, match="6 of 12 directions need more than 6 ID training images, got 6"):
        ViMScore().fit(few)
    nothing = TrainingFeatures(torch.zeros(20, 12), training.labels[:20], 4, LastLayer(layer.weight, layer.bias * 0))
    with pytest.raises(DataError, match="no residual beside 6 directions"):
        ViMScore().fit(nothing)
