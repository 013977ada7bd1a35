from dataclasses import replace

import pytest
import torch
from torch import nn

from mmneglabel.errors import ConfigError
from mmneglabel.posthoc import MSPDetector, ODINDetector, Outputs

STD = torch.tensor([0.25, 0.5, 0.2])


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.Tanh(), nn.Flatten(), nn.Linear(6 * 9, 4))


@pytest.fixture
def outputs(network):
    pixels = torch.randn(6, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return Outputs(network(pixels), pixels=pixels, pixel_std=STD, classify=network)


def by_hand(network, pixels, temperature, epsilon):
    """One image at a time; the step in pixels from 0 to 1 divided by the normalisation's std."""
    for image in pixels:
        image = image[None].clone().requires_grad_()
        (network(image) / temperature).log_softmax(1).max().backward()
        pushed = image.detach() + epsilon * image.grad.sign() / STD[:, None, None]
        yield (network(pushed).detach().double() / temperature).softmax(1).max().item()


@pytest.mark.parametrize(("temperature", "epsilon"), [(1000.0, 0.0014), (10.0, 0.05), (1.0, 0.0)])
def test_formula_within_a_test_loop(network, outputs, temperature, epsilon):
    with torch.no_grad():
        scores = ODINDetector(temperature, epsilon)(outputs)
    expected = list(by_hand(network, outputs.pixels, temperature, epsilon))
    assert scores.tolist() == pytest.approx(expected, abs=1e-6 / temperature)


def test_leaves_no_gradients_behind(network, outputs):
    with torch.no_grad():
        scores = ODINDetector()(outputs)
        assert not torch.is_grad_enabled()
    assert not scores.requires_grad
    assert not outputs.pixels.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_works_on_a_frozen_network(network, outputs):
    expected = ODINDetector()(outputs)
    assert ODINDetector()(replace(outputs, classify=network.requires_grad_(False))).equal(expected)


def test_does_not_tie_at_its_high_temperature(outputs):
    """Images whose logits differ by 1e-6 lie 1e-9 apart at T = 1000."""
    logits = torch.zeros(3, 4)
    logits[:, 0] = torch.tensor([1.0, 1.000001, 1.000002])
    near = replace(
        outputs, logits=logits, pixels=torch.zeros(3, 3, 1, 1), classify=lambda pixels: pixels.sum() * 0 + logits
    )
    scores = ODINDetector()(near)
    assert scores.diff().gt(0).all()
    torch.testing.assert_close(scores, MSPDetector(1000)(near))


@pytest.mark.parametrize("settings", [{"temperature": 0}, {"epsilon": -1}, {"epsilon": "small"}, {"epsilon": True}])
def test_settings_in_range(settings):
    with pytest.raises(
        ConfigError, match=r"ODINDetector: (temperature must be positive|epsilon must be finite and not negative)"
    ):
        ODINDetector(**settings)
