"""OODD against vectors made with the authors' code."""

import pytest
import torch

from mmneglabel.scores import OODDScore

CASES = ("official", "queue40", "queue40_last1", "queue40_k1", "queue12_k3")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stream", ["a", "b"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_golden(golden, case, stream, dtype):
    vectors = golden("oodd")
    size, batch_size, k = (int(vectors[f"{case}__{name}"]) for name in ("queue_size", "batch_size", "k"))
    order = vectors[f"{stream}_order"]
    images, static = (vectors[f"{stream}_{name}"][order].to(dtype) for name in ("images", "static"))
    running = OODDScore(capacity=size, batch_size=batch_size, k=k).start(None, 0)
    batches = zip(images.split(batch_size), static.double().split(batch_size), strict=True)
    found = torch.cat([running(*batch) for batch in batches]).float()
    torch.testing.assert_close(found, vectors[f"{case}__{stream}_score"], rtol=0, atol=1e-5)
    expected = vectors[f"{case}__{stream}_dictionary"]
    torch.testing.assert_close(running.scores.double(), expected, rtol=0, atol=1e-7)


def test_every_case_is_tried(golden):
    assert {name.partition("__")[0] for name in golden("oodd") if "__" in name} == set(CASES)


def test_fewer_than_k_take_the_last():
    running = OODDScore(k=5, capacity=8).start(None, 0)
    found = running(torch.eye(3)[:2], torch.zeros(2))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.0]))
