"""Scores of a classifier that learned outliers as a further class, against the authors' numbers."""

import pytest
import torch

from mmneglabel.posthoc import (
    EnergyDetector,
    LastLayer,
    MSPDetector,
    Outputs,
    ReActDetector,
    TrainingFeatures,
)


@pytest.fixture
def tagfog(golden):
    """The file, and its outputs as PostHocClassifier parts them."""
    data = golden("tagfog_msp")
    count = int(data["n_classes"])
    layer = LastLayer(data["weight"][:count].float(), data["bias"][:count].float())
    logits = data["logits"].float()
    return data, Outputs(logits[:, :count], data["features"].float(), layer, outlier_logits=logits[:, count:])


def test_msp_of_all_classes(tagfog):
    data, outputs = tagfog
    torch.testing.assert_close(MSPDetector()(outputs), data["msp"].double(), atol=1e-6, rtol=0)


def test_energy_of_the_id_classes(tagfog):
    data, outputs = tagfog
    torch.testing.assert_close(EnergyDetector()(outputs), data["energy"].double(), atol=1e-5, rtol=1e-5)


def test_react_of_the_id_classes(tagfog):
    data, outputs = tagfog
    features = data["train_features"].float()
    react = ReActDetector(float(data["react_quantile"]))
    react.fit(TrainingFeatures(features, torch.zeros(len(features), dtype=torch.long), 1, outputs.last_layer))
    torch.testing.assert_close(react(outputs), data["react_energy"].double(), atol=1e-5, rtol=1e-5)
