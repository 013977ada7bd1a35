import numpy as np
import pytest
import torch
from pytorch_ood.detector import KNN

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.posthoc import KNNDetector, Outputs, TrainingFeatures


def by_hand(known, features, k):
    known, features = (x.double().numpy() for x in (known, features))
    known, features = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (known, features))
    return -np.sort(np.linalg.norm(features[:, None] - known[None], axis=2), axis=1)[:, k - 1]


@pytest.mark.parametrize("k", [1, 5, 90])
@pytest.mark.parametrize("block", [1, 7 * 13, 10**6])
def test_formula_whatever_the_blocks(training, outputs, k, block, monkeypatch):
    monkeypatch.setitem(KNNDetector._neighbours.__globals__["_BLOCK"], "cpu", block)
    detector = KNNDetector(k)
    assert detector.fit(training) == f"neighbour {k} of 90 images"
    assert detector(outputs).numpy() == pytest.approx(by_hand(training.features, outputs.features, k), abs=1e-6)


def test_agrees_with_pytorch_ood_but_for_the_sign(training, outputs):
    detector = KNNDetector(5)
    detector.fit(training)
    theirs = KNN(None, k=5).fit_features(training.features, training.labels).predict_features(outputs.features)
    torch.testing.assert_close(detector(outputs).double(), -theirs.double(), rtol=0, atol=1e-6)


def test_near_neighbours_keep_their_distance():
    """From cosines alone, in float32, distances below 3e-4 would all be 0 or 3e-4."""
    known = torch.tensor([[1.0, 0.0]])
    detector = KNNDetector(1)
    detector.fit(TrainingFeatures(known, torch.zeros(1, dtype=torch.long), 1))
    scores = detector(Outputs(torch.zeros(2, 1), torch.tensor([[1.0, 1e-5], [1.0, 2e-5]])))
    assert scores.tolist() == pytest.approx([-1e-5, -2e-5], rel=1e-3)


def test_a_feature_of_zeros_is_far_from_all(training):
    detector = KNNDetector(1)
    detector.fit(training)
    zero = Outputs(torch.zeros(1, 4), torch.zeros(1, 12))
    assert detector(zero).tolist() == pytest.approx([-1])


def test_needs_k_images(training, outputs):
    with pytest.raises(DataError, match="k=91 needs as many ID training images, got 90"):
        KNNDetector(91).fit(training)
    with pytest.raises(ConfigError, match="KNNDetector was not fitted"):
        KNNDetector()(outputs)


@pytest.mark.parametrize("k", [0, -3, 1.5, "5"])
def test_k_counts(k):
    with pytest.raises(ConfigError, match="KNNDetector: k must be"):
        KNNDetector(k)
