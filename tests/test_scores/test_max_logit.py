import torch

from mmneglabel.scores import MaxLogitScore, Similarities


def test_is_a_hundred_times_the_largest_cosine():
    labels = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    score = MaxLogitScore()(Similarities(torch.tensor([[0.0, 1.0], [-1.0, 0.0]]), labels))
    torch.testing.assert_close(score, torch.tensor([80.0, -60.0]))
