from dataclasses import replace

import pytest
import torch
from pytorch_ood.detector import ODIN
from torch import nn

from mmneglabel.posthoc import ODINScore, Outputs
from mmneglabel.scores import MSPScore

STD = torch.tensor([0.25, 0.5, 0.2])


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.Tanh(), nn.Flatten(), nn.Linear(6 * 9, 4))


@pytest.fixture
def outputs(network):
    pixels = torch.randn(6, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return Outputs(network(pixels).double(), pixels=pixels, pixel_std=STD, classify=network)


def by_hand(network, pixels, temperature, epsilon):
    """One image at a time; the step in pixels from 0 to 1 divided by the normalisation's std."""
    for image in pixels:
        image = image[None].clone().requires_grad_()
        (network(image) / temperature).log_softmax(1).max().backward()
        pushed = image.detach() + epsilon * image.grad.sign() / STD[:, None, None]
        yield (network(pushed).detach().double() / temperature).softmax(1).max().item()


@pytest.mark.parametrize(("temperature", "epsilon"), [(1000.0, 0.0014), (10.0, 0.05), (1.0, 0.0)])
def test_is_the_formula_and_pytorch_oods_within_a_test_loop(network, outputs, temperature, epsilon):
    with torch.no_grad():
        scores = ODINScore(temperature, epsilon)(outputs)
    expected = list(by_hand(network, outputs.pixels, temperature, epsilon))
    assert scores.tolist() == pytest.approx(expected, abs=1e-6 / temperature)
    theirs = ODIN(network, eps=epsilon, temperature=temperature, norm_std=STD.tolist())  # rounds in float32
    torch.testing.assert_close(scores.float(), -theirs.predict(outputs.pixels), rtol=0, atol=1e-6)


def test_the_step_never_goes_towards_learned_outliers(network, outputs):
    """Where the last of four classes is of outliers, it takes its share of the softmax and nothing else."""
    outliers = replace(outputs, logits=outputs.logits[:, :3])
    assert (outputs.logits.argmax(dim=1) == 3).any()
    pixels = outputs.pixels.clone().requires_grad_()
    network(pixels).div(10).log_softmax(1)[:, :3].amax(1).sum().backward()
    pushed = network(pixels.detach() + 0.05 * pixels.grad.sign() / STD[:, None, None]).detach().double()
    torch.testing.assert_close(ODINScore(10, 0.05)(outliers), (pushed / 10).softmax(1)[:, :3].amax(1))


def test_leaves_no_gradients_behind(network, outputs):
    with torch.no_grad():
        scores = ODINScore()(outputs)
        assert not torch.is_grad_enabled()
    assert not scores.requires_grad
    assert not outputs.pixels.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_works_in_inference_mode(outputs):
    expected = ODINScore(10, 0.05)(outputs)
    with torch.inference_mode():
        assert ODINScore(10, 0.05)(replace(outputs, pixels=outputs.pixels * 1)).equal(expected)


def test_works_on_a_frozen_network(network, outputs):
    expected = ODINScore()(outputs)
    assert ODINScore()(replace(outputs, classify=network.requires_grad_(False))).equal(expected)


def test_does_not_tie_at_its_high_temperature(outputs):
    """Images whose logits differ by 1e-6 lie 1e-9 apart at T = 1000."""
    logits = torch.zeros(3, 4)
    logits[:, 0] = torch.tensor([1.0, 1.000001, 1.000002])
    near = replace(
        outputs, logits=logits, pixels=torch.zeros(3, 3, 1, 1), classify=lambda pixels: pixels.sum() * 0 + logits
    )
    scores = ODINScore()(near)
    assert scores.diff().gt(0).all()
    torch.testing.assert_close(scores, MSPScore(1000)(near))
