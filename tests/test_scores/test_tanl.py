"""TANL against vectors made with the authors' code, and its parts against their definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmneglabel.scores import TANLScore, TextFeatures
from mmneglabel.scores.tanl import Queue, noise_pictures, parting

CASES = (
    "official", "alpha1", "alpha095", "gamma0", "gamma2", "gamma7", "gap0", "gap02_alpha095", "beta10", "beta_all",
    "beta_beyond", "queue300", "queue12", "history64",
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stream", ["a", "b"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_golden(golden, case, stream, dtype):
    vectors = golden("tanl")
    names = {
        "length": "beta",
        "step": "gamma",
        "queue": "memleng",
        **{name: name for name in ("alpha", "gap", "history")},
    }
    told = {ours: vectors[f"{case}__{theirs}"].item() for ours, theirs in names.items()}
    whole = {name: int(told[name]) for name in ("length", "step", "queue", "history")}
    labels, candidates, noise = (vectors[name].to(dtype) for name in ("labels", "candidates", "noise"))
    texts = TextFeatures(labels, candidates, noise=lambda seed: noise)
    running, found, thresholds = TANLScore(**told | whole).start(texts, int(vectors["permutation_seed"])), [], []
    for batch in vectors[f"{stream}_images"].to(dtype).split(vectors["batch_sizes"].tolist()):
        found.append(running(batch))
        thresholds.append(running.threshold)
    expected = vectors[f"{case}__{stream}_score"]
    torch.testing.assert_close(torch.cat(found).float(), expected, rtol=0, atol=1e-5)
    assert thresholds == vectors[f"{case}__{stream}_threshold"].tolist()
    queues = running.id_queue, running.ood_queue
    assert [len(queue) for queue in queues] == vectors[f"{case}__{stream}_queued"].tolist()
    means = torch.stack([queue.mean for queue in queues]).float()
    torch.testing.assert_close(means, vectors[f"{case}__{stream}_queue_means"], rtol=0, atol=1e-5)


def test_every_case_is_tried(golden):
    assert {name.partition("__")[0] for name in golden("tanl") if "__" in name} == set(CASES)


def by_hand(scores):
    """The threshold by its definition."""
    scores, spread = scores.double().numpy(), []
    thresholds = np.arange(0, 1, 0.01, dtype=np.float64).astype(np.float32)
    for threshold in thresholds:
        parts = scores[scores < threshold], scores[scores >= threshold]
        spread.append(sum(len(part) * part.var() for part in parts) if all(map(len, parts)) else np.inf)
    spread = np.array(spread)
    best = np.flatnonzero(np.isclose(spread, spread.min(), rtol=1e-9, atol=1e-12) | (spread == spread.min()))
    return thresholds[best[len(best) // 2]]


@given(st.integers(0, 2**32), st.integers(2, 40), st.integers(1, 3))
def test_the_threshold_is_the_definition(seed, count, times):
    scores = torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).repeat(times)
    assert parting(scores) == pytest.approx(by_hand(scores), abs=1e-6)


@pytest.mark.parametrize("scores", [[0.3], [0.7, 0.7], [0.0] * 5])
def test_what_nothing_parts_is_parted_in_the_middle(scores):
    assert parting(torch.tensor(scores)) == 0.5


@given(st.integers(1, 6), st.lists(st.integers(0, 9), max_size=8))
def test_a_queue_keeps_the_latest(length, counts):
    rows = torch.arange(sum(counts) + 3, dtype=torch.float64).square()[:, None]
    queue, start = Queue(rows[:3], length), 3
    for count in counts:
        queue.add(rows[start : start + count])
        start += count
        latest = rows[max(0, start - length) : start]
        assert len(queue) == len(latest)
        assert queue.mean.item() == pytest.approx(latest.mean().item())


def test_what_is_small_outlives_what_is_large_in_a_queue():
    queue = Queue(torch.tensor([[0.7, 0.7], [1e-30, 1e-31]]), 1)
    queue.add(torch.tensor([[0.7, 0.1]]))
    queue.add(torch.tensor([[1e-30, 1e-31]]))
    assert queue.mean.tolist() == pytest.approx([1e-30, 1e-31], rel=1e-6)


def test_noise_is_the_same_everywhere_and_of_five_kinds():
    pictures = noise_pictures((8, 12), 3)
    assert pictures.shape == (15, 3, 8, 12)
    assert torch.equal(noise_pictures((8, 12), 3), pictures)
    assert not torch.equal(noise_pictures((8, 12), 4), pictures)
    assert pictures.min() == 0
    assert pictures.max() == 1
    normal, uniform, poisson, gamma, salt = pictures.split(3)
    assert set(salt.unique().tolist()) == {0.0, 1.0}
    assert len(poisson.unique()) < 25
    assert (normal.mean(), uniform.mean()) == (pytest.approx(0.5, abs=0.1), pytest.approx(0.5, abs=0.1))
    assert gamma.median() < gamma.mean()  # it leans
