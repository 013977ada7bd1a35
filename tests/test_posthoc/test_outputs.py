"""What holds of every post-hoc score: what it reads, what it is fitted on, and which settings it refuses."""

from dataclasses import replace

import pytest
import torch

from mmneglabel import posthoc
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.posthoc import FittedScore, Outputs, TrainingFeatures
from mmneglabel.scores.score import FEATURES, LAST_LAYER

FITTED = [kind for name in posthoc.__all__ if issubclass(kind := getattr(posthoc, name), FittedScore)]
FITTED.remove(FittedScore)


@pytest.mark.parametrize("kind", FITTED)
def test_needs_no_more_than_it_says_and_leaves_its_state_to_the_device(kind, training, outputs, fitted):
    assert FEATURES in kind.needs
    layer = outputs.last_layer if LAST_LAYER in kind.needs else None
    score = fitted(kind(), replace(training, last_layer=layer))
    assert score(Outputs(outputs.logits, outputs.features, layer)).shape == (7,)
    moved = score._fitted(torch.device("meta"))
    assert {tensor.device.type for tensor in moved} == {"meta"}
    assert score._fitted(torch.device("meta")) is moved


@pytest.mark.parametrize("kind", FITTED)
def test_tells_that_it_was_not_fitted(kind, outputs):
    with pytest.raises(ConfigError, match=rf"{kind.__name__} was not fitted: add dict\(type='PostHocFitHook'"):
        kind()(outputs)


def test_refuses_features_that_cannot_be_learned_from(training):
    broken = training.features.clone()
    broken[[3, 5], 0] = torch.tensor([float("nan"), float("inf")])
    with pytest.raises(DataError, match="2 of 90 ID training images have NaN or infinite features"):
        replace(training, features=broken)
    with pytest.raises(DataError, match="no ID training images"):
        TrainingFeatures(torch.empty(0, 4), torch.empty(0, dtype=torch.long), 2)


def test_refuses_outliers_among_the_training_images(training):
    with pytest.raises(DataError, match="has label 3, but the model has 3 classes: fit on the ID classes alone"):
        replace(training, num_classes=3)


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        ("KNNScore", {"k": 0}, "k must be an integer above 0, got 0"),
        ("MahalanobisScore", {"ridge": -1}, "ridge must be finite and not negative"),
        ("ReActScore", {"quantile": 0}, "quantile must be a number above 0 and at most 1, got 0"),
        ("ViMScore", {"dim": 0}, "dim must be an integer above 0"),
        ("ODINScore", {"temperature": 0}, "temperature must be positive"),
        ("ODINScore", {"epsilon": "small"}, "epsilon must be finite and not negative"),
    ],
)
def test_bad_settings(kind, settings, says):
    with pytest.raises(ConfigError, match=f"{kind}: {says}"):
        getattr(posthoc, kind)(**settings)
