import math

import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.scores import EnergyScore, Similarities


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_is_the_logsumexp_of_the_logits(temperature):
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    score = EnergyScore(temperature)(Similarities(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), labels))
    torch.testing.assert_close(score, torch.tensor([100.0, 0.0]) + temperature * math.log(2))


@pytest.mark.parametrize("temperature", [0, math.inf, math.nan])
def test_refuses_a_temperature(temperature):
    with pytest.raises(ConfigError, match="EnergyScore: temperature must be positive"):
        EnergyScore(temperature)
