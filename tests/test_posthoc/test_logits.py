import numpy as np
import pytest
import torch
from pytorch_ood.detector import EnergyBased, MaxLogit, MaxSoftmax

from mmneglabel.errors import ConfigError
from mmneglabel.posthoc import EnergyDetector, MaxLogitDetector, MSPDetector, Outputs


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_formulas(outputs, temperature):
    logits = outputs.logits.double().numpy()
    weights = np.exp(logits / temperature)
    msp = weights.max(1) / weights.sum(1)
    assert MSPDetector(temperature)(outputs).numpy() == pytest.approx(msp, rel=1e-12)
    assert EnergyDetector(temperature)(outputs).numpy() == pytest.approx(
        temperature * np.log(weights.sum(1)), rel=1e-12
    )
    assert MaxLogitDetector()(outputs).tolist() == outputs.logits.max(1).values.tolist()


def test_agree_with_pytorch_ood_but_for_the_sign(outputs):
    logits = outputs.logits.double()
    torch.testing.assert_close(MSPDetector(2.0)(outputs), -MaxSoftmax.score(logits, 2.0))
    torch.testing.assert_close(EnergyDetector(2.0)(outputs), -EnergyBased.score(logits, 2.0))
    torch.testing.assert_close(MaxLogitDetector()(outputs), -MaxLogit.score(outputs.logits))


def test_confident_images_do_not_tie():
    logits = torch.tensor([[20.0, 0.0], [21.0, 0.0], [22.0, 0.0]])
    assert logits.softmax(1).amax(1).unique().numel() == 1
    assert MSPDetector()(Outputs(logits)).diff().gt(0).all()


def test_huge_logits_stay_finite():
    outputs = Outputs(torch.tensor([[1e4, -1e4]]))
    assert MSPDetector()(outputs).tolist() == [1]
    assert EnergyDetector()(outputs).tolist() == [1e4]


@pytest.mark.parametrize("detector", [MSPDetector, EnergyDetector])
@pytest.mark.parametrize("temperature", [0, -1, float("nan"), True, "1"])
def test_temperature_must_be_positive(detector, temperature):
    with pytest.raises(ConfigError, match=r"Detector: temperature must be positive and finite, got"):
        detector(temperature)


def test_there_is_nothing_to_fit(training):
    assert not MSPDetector.needs_fit
    assert MSPDetector().fit(training) == "nothing to fit"
