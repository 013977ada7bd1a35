"""KNN and Mahalanobis, against their formulas and pytorch-ood."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch_ood.detector import KNN, Mahalanobis

from mmneglabel.errors import DataError
from mmneglabel.posthoc import KNNScore, MahalanobisScore, Outputs, TrainingFeatures, distances


def k_nearest(known, features, k):
    known, features = (x.double().numpy() for x in (known, features))
    known, features = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (known, features))
    return -np.sort(np.linalg.norm(features[:, None] - known[None], axis=2), axis=1)[:, k - 1]


@pytest.mark.parametrize("k", [1, 5, 90])
@pytest.mark.parametrize("block", [1, 7 * 13, 10**6])
def test_the_nearest_whatever_the_blocks(training, outputs, k, block, monkeypatch):
    monkeypatch.setitem(distances._BLOCK, "cpu", block)
    score = KNNScore(k)
    assert score.fit(training) == f"neighbour {k} of 90 images"
    assert score(outputs).numpy() == pytest.approx(k_nearest(training.features, outputs.features, k), abs=1e-6)


def test_knn_agrees_with_pytorch_ood_but_for_the_sign(training, outputs, fitted):
    theirs = KNN(None, k=5).fit_features(training.features, training.labels).predict_features(outputs.features)
    torch.testing.assert_close(fitted(KNNScore(5))(outputs).double(), -theirs.double(), rtol=0, atol=1e-6)


def test_near_neighbours_keep_their_distance(fitted):
    """From cosines alone, in float32, distances below 3e-4 would all be 0 or 3e-4."""
    score = fitted(KNNScore(1), TrainingFeatures(torch.tensor([[1.0, 0.0]]), torch.zeros(1, dtype=torch.long), 1))
    scores = score(Outputs(torch.zeros(2, 1), torch.tensor([[1.0, 1e-5], [1.0, 2e-5]])))
    assert scores.tolist() == pytest.approx([-1e-5, -2e-5], rel=1e-3)


def test_a_feature_of_zeros_is_far_from_all(fitted):
    assert fitted(KNNScore(1))(Outputs(torch.zeros(1, 4), torch.zeros(1, 12))).tolist() == pytest.approx([-1])


def test_knn_needs_k_images(training):
    with pytest.raises(DataError, match="k=91 needs as many ID training images, got 90"):
        KNNScore(91).fit(training)


def to_the_nearest_mean(training, features):
    known, labels = training.features.double().numpy(), training.labels.numpy()
    means = np.stack([known[labels == k].mean(0) for k in range(training.num_classes)])
    inverse = np.linalg.inv(np.cov((known - means[labels]).T, bias=True))
    return [-min((x - mean) @ inverse @ (x - mean) for mean in means) for x in features.double().numpy()]


@pytest.mark.parametrize(("ridge", "error"), [(0, 1e-9), (1e-6, 0.02)])
def test_the_nearest_mean(training, outputs, ridge, error):
    score = MahalanobisScore(ridge)
    assert score.fit(training) == "4 class means, a covariance of rank 12 of 12"
    assert score(outputs).numpy() == pytest.approx(to_the_nearest_mean(training, outputs.features), rel=error)


def test_mahalanobis_agrees_with_pytorch_ood_in_its_units(training, outputs, fitted):
    """Theirs is half the distance, under the sum over all images instead of the mean."""
    theirs = Mahalanobis(None).fit_features(training.features, training.labels).predict_features(outputs.features)
    ours = fitted(MahalanobisScore(ridge=0))(outputs)
    torch.testing.assert_close(ours.float(), -2 * 90 * theirs, rtol=5e-3, atol=0)


def test_blocks_change_nothing(outputs, fitted, monkeypatch):
    whole = fitted(MahalanobisScore())(outputs)
    monkeypatch.setattr("mmneglabel.posthoc.outputs._BLOCK", 7)
    torch.testing.assert_close(fitted(MahalanobisScore())(outputs), whole)


def test_a_unit_that_never_fired_counts_when_it_does(training, outputs):
    silent = training.features.clone()
    silent[:, 3] = 0
    dead = replace(training, features=silent)
    score = MahalanobisScore()
    assert score.fit(dead) == "4 class means, a covariance of rank 11 of 12"
    fires = outputs.features.clone()
    fires[:, 3] = torch.tensor([0.0, 1, 0, 1, 0, 1, 0])
    scores = score(replace(outputs, features=fires))
    assert scores[[1, 3, 5]].max() < scores[[0, 2, 4, 6]].min()
    with pytest.raises(DataError, match="covariance of 12 features has rank 11 only: give more than 90 ID training"):
        MahalanobisScore(ridge=0).fit(dead)


def test_the_unit_of_the_features_changes_no_mahalanobis_score(training, outputs):
    """The distances are in standard deviations, and the ridge, seen best in a unit that never fired, goes along."""
    silent = training.features.double()
    silent[:, 3] = 0
    scores = []
    for unit in (1, 1000):
        score = MahalanobisScore()
        score.fit(replace(training, features=silent * unit))
        scores.append(score(replace(outputs, features=outputs.features.double() * unit)))
    torch.testing.assert_close(*scores, rtol=1e-6, atol=0)


def test_half_precision_is_taken(outputs, fitted):
    half = replace(outputs, features=outputs.features.half())
    score = fitted(MahalanobisScore())
    torch.testing.assert_close(score(half), score(outputs), rtol=0.01, atol=0)


def test_mahalanobis_needs_every_class_labels_and_spread(training):
    labels = training.labels.clone()
    labels[labels == 2] = 1
    with pytest.raises(DataError, match="1 of 4 classes have no ID training image, first class 2"):
        MahalanobisScore().fit(replace(training, labels=labels))
    with pytest.raises(DataError, match="90 of 90 ID training images have no label"):
        MahalanobisScore().fit(replace(training, labels=torch.full_like(labels, -1)))
    with pytest.raises(DataError, match="every ID training image equals its class mean"):
        MahalanobisScore().fit(TrainingFeatures(torch.eye(4), torch.arange(4), 4))
