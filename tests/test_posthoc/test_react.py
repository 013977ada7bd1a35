import numpy as np
import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.posthoc import EnergyDetector, ReActDetector, TrainingFeatures


def test_formula(training, outputs, layer):
    detector = ReActDetector(0.8)
    learned = detector.fit(training)
    clip = np.quantile(training.features.numpy(), 0.8)
    assert learned == f"features are clipped at {clip:.4g}"
    clipped = np.minimum(outputs.features.numpy(), clip)
    logits = clipped @ layer.weight.numpy().T + layer.bias.numpy()
    assert detector(outputs).numpy() == pytest.approx(np.log(np.exp(logits.astype(float)).sum(1)), abs=1e-5)
    assert (outputs.features > clip).any()


def test_without_clipping_it_is_the_energy(training, outputs):
    detector = ReActDetector(1.0)
    detector.fit(TrainingFeatures(training.features + 10, training.labels, 4))
    torch.testing.assert_close(detector(outputs), EnergyDetector()(outputs), rtol=1e-6, atol=1e-6)


def test_labels_do_not_matter(training, outputs):
    one, two = ReActDetector(), ReActDetector()
    one.fit(training)
    two.fit(TrainingFeatures(training.features, torch.full_like(training.labels, -1), 4))
    assert one(outputs).equal(two(outputs))


def test_tells_that_it_was_not_fitted(outputs):
    with pytest.raises(ConfigError, match="ReActDetector was not fitted: add dict\\(type='PostHocFitHook'"):
        ReActDetector()(outputs)


@pytest.mark.parametrize("quantile", [0, 1.5, "90"])
def test_quantile_in_range(quantile):
    with pytest.raises(ConfigError, match="quantile must be"):
        ReActDetector(quantile)
