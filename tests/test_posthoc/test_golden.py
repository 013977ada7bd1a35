"""Scores of a classifier that learned outliers as a further class, against the authors' numbers."""

import pytest
import torch

from mmneglabel.posthoc import LastLayer, Outputs, ReActScore, TrainingFeatures
from mmneglabel.scores import EnergyScore, MSPScore


@pytest.fixture
def tagfog(golden):
    """The file, and its outputs as PostHocClassifier parts them."""
    data = golden("tagfog_msp")
    logits, count = data["logits"].double(), int(data["n_classes"])
    layer = LastLayer(data["weight"][:count], data["bias"][:count])
    return data, Outputs(logits[:, :count], data["features"], layer, outlier_logits=logits[:, count:])


def test_msp_of_all_classes(tagfog):
    data, outputs = tagfog
    torch.testing.assert_close(MSPScore()(outputs), data["msp"].double(), atol=1e-6, rtol=0)


def test_energy_of_the_id_classes(tagfog):
    data, outputs = tagfog
    torch.testing.assert_close(EnergyScore()(outputs), data["energy"].double(), atol=1e-5, rtol=1e-5)


def test_react_of_the_id_classes(tagfog, fitted):
    data, outputs = tagfog
    features = data["train_features"]
    images = TrainingFeatures(features, torch.zeros(len(features), dtype=torch.long), 1)
    react = fitted(ReActScore(float(data["react_quantile"])), images)
    torch.testing.assert_close(react(outputs), data["react_energy"].double(), atol=1e-5, rtol=1e-5)
