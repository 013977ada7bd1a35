from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_ood.detector import ViM

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.posthoc import LastLayer, TrainingFeatures, ViMDetector
from mmneglabel.posthoc.vim import _usual_dim


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
def test_formula(training, outputs, dim):
    detector = ViMDetector(dim)
    assert detector.fit(training).startswith(f"{dim} of 12 directions, alpha ")
    assert detector(outputs).numpy() == pytest.approx(by_hand(training, outputs, dim), rel=1e-5)


def test_agrees_with_pytorch_ood_where_float32_suffices(training, outputs, layer):
    features = torch.randn(90, 12, generator=torch.Generator().manual_seed(9))
    training = replace(training, features=features)
    detector = ViMDetector(6)
    detector.fit(training)
    theirs = ViM(None, 6, layer.weight, layer.bias).fit_features(features, training.labels)
    torch.testing.assert_close(
        detector(outputs).float(), -theirs.predict_features(outputs.features), rtol=1e-3, atol=1e-3
    )


def test_blocks_change_nothing(training, outputs, monkeypatch):
    whole, blocks = ViMDetector(), ViMDetector()
    whole.fit(training)
    monkeypatch.setattr("mmneglabel.posthoc.outputs._BLOCK", 7)
    blocks.fit(training)
    torch.testing.assert_close(blocks(outputs), whole(outputs))


@pytest.mark.parametrize(("width", "dim"), [(2048, 1000), (1500, 1000), (768, 512), (512, 256), (3, 1), (1, 1)])
def test_usual_dim(width, dim):
    assert _usual_dim(width) == dim


def test_refuses_what_leaves_no_residual(training, layer):
    with pytest.raises(ConfigError, match="dim=12 must be below the width of the features, 12"):
        ViMDetector(12).fit(training)
    few = TrainingFeatures(training.features[:6], training.labels[:6], 4, layer)
    with pytest.raises(DataError, match="6 of 12 directions need more than 6 ID training images, got 6"):
        ViMDetector().fit(few)
    nothing = TrainingFeatures(torch.zeros(20, 12), training.labels[:20], 4, LastLayer(layer.weight, layer.bias * 0))
    with pytest.raises(DataError, match="no residual beside 6 directions"):
        ViMDetector().fit(nothing)


def test_tells_that_it_was_not_fitted(outputs):
    with pytest.raises(ConfigError, match="ViMDetector was not fitted"):
        ViMDetector()(outputs)


@pytest.mark.parametrize("dim", [0, -1, 2.5])
def test_dim_counts(dim):
    with pytest.raises(ConfigError, match="ViMDetector: dim must be"):
        ViMDetector(dim)
