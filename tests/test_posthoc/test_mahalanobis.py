from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_ood.detector import Mahalanobis

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.posthoc import MahalanobisDetector, Outputs, TrainingFeatures


def by_hand(training, features):
    known, labels = training.features.double().numpy(), training.labels.numpy()
    means = np.stack([known[labels == k].mean(0) for k in range(training.num_classes)])
    inverse = np.linalg.inv(np.cov((known - means[labels]).T, bias=True))
    return [-min((x - mean) @ inverse @ (x - mean) for mean in means) for x in features.double().numpy()]


def test_formula(training, outputs):
    detector = MahalanobisDetector(ridge=0)
    assert detector.fit(training) == "4 class means, a covariance of rank 12 of 12"
    assert detector(outputs).numpy() == pytest.approx(by_hand(training, outputs.features), rel=1e-9)


def test_the_usual_ridge_hardly_matters(training, outputs):
    detector = MahalanobisDetector()
    detector.fit(training)
    assert detector(outputs).numpy() == pytest.approx(by_hand(training, outputs.features), rel=0.02)


def test_agrees_with_pytorch_ood_in_its_units(training, outputs):
    """Theirs is half the distance, under the sum over all images instead of the mean."""
    detector = MahalanobisDetector(ridge=0)
    detector.fit(training)
    theirs = Mahalanobis(None).fit_features(training.features, training.labels).predict_features(outputs.features)
    torch.testing.assert_close(detector(outputs).float(), -2 * 90 * theirs, rtol=5e-3, atol=0)


def test_blocks_change_nothing(training, outputs, monkeypatch):
    whole, blocks = MahalanobisDetector(), MahalanobisDetector()
    whole.fit(training)
    monkeypatch.setattr("mmneglabel.posthoc.outputs._BLOCK", 7)
    blocks.fit(training)
    torch.testing.assert_close(blocks(outputs), whole(outputs))


def test_a_unit_that_never_fired_counts_when_it_does(training, outputs):
    silent = training.features.clone()
    silent[:, 3] = 0
    dead = replace(training, features=silent)
    detector = MahalanobisDetector()
    assert detector.fit(dead) == "4 class means, a covariance of rank 11 of 12"
    fires = outputs.features.clone()
    fires[:, 3] = torch.tensor([0.0, 1, 0, 1, 0, 1, 0])
    scores = detector(replace(outputs, features=fires))
    assert scores[[1, 3, 5]].max() < scores[[0, 2, 4, 6]].min()
    with pytest.raises(DataError, match="covariance of 12 features has rank 11 only: give more than 90 ID training"):
        MahalanobisDetector(ridge=0).fit(dead)


def test_half_precision_is_taken(training, outputs):
    detector = MahalanobisDetector()
    detector.fit(training)
    half = detector(Outputs(outputs.logits, outputs.features.half()))
    torch.testing.assert_close(half, detector(outputs), rtol=0.01, atol=0)


def test_needs_every_class_labels_and_spread(training):
    labels = training.labels.clone()
    labels[labels == 2] = 1
    with pytest.raises(DataError, match="1 of 4 classes have no ID training image, first class 2"):
        MahalanobisDetector().fit(replace(training, labels=labels))
    with pytest.raises(DataError, match="90 of 90 ID training images have no label"):
        MahalanobisDetector().fit(replace(training, labels=torch.full_like(labels, -1)))
    with pytest.raises(DataError, match="every ID training image equals its class mean"):
        MahalanobisDetector().fit(TrainingFeatures(torch.eye(4), torch.arange(4), 4))


def test_tells_that_it_was_not_fitted(outputs):
    with pytest.raises(ConfigError, match="MahalanobisDetector was not fitted"):
        MahalanobisDetector()(outputs)


@pytest.mark.parametrize("ridge", [-1, float("inf"), True])
def test_ridge_in_range(ridge):
    with pytest.raises(ConfigError, match=f"ridge must be finite and not negative, got {ridge}"):
        MahalanobisDetector(ridge)
