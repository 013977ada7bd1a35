import pytest
import torch

from mmneglabel.posthoc import LastLayer, Outputs, TrainingFeatures

CLASSES, WIDTH = 4, 12


def normal(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def layer():
    return LastLayer(normal(CLASSES, WIDTH, seed=1), normal(CLASSES, seed=2))


@pytest.fixture
def training(layer):
    """90 images of four classes, of features as after a ReLU, with variances from 1 to 1e-4."""
    labels = torch.arange(90) % CLASSES
    features = (normal(CLASSES, WIDTH, seed=3)[labels] + normal(90, WIDTH, seed=4)) * torch.logspace(0, -2, WIDTH)
    return TrainingFeatures(features.relu(), labels, CLASSES, layer)


@pytest.fixture
def outputs(layer):
    """Seven images."""
    features = normal(7, WIDTH, seed=5).relu()
    return Outputs(layer(features).double(), features, layer)


@pytest.fixture
def fitted(training):
    """Fit a score, on these images or others, and return it."""

    def fit(score, images=training):
        score.fit(images)
        return score

    return fit
