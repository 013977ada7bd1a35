import math

import torch

from mmneglabel.scores import EnergyScore, Similarities


def test_is_the_logsumexp_of_the_logits():
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    score = EnergyScore()(Similarities(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), labels))
    torch.testing.assert_close(score, torch.tensor([100 + math.log(2), math.log(2)]))
