"""AdaNeg against vectors made with the authors' code, and its parts against their definitions."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import normalize

from mmneglabel.scores import AdaNegScore, NegLabelScore, Similarities, TextFeatures, group_order
from mmneglabel.scores.adaneg import Memory
from test_scores.compared import unit

CASES = (
    "task", "sample", "task_short", "sample_short", "memory1", "groups1", "groups7", "unpermuted", "gap0",
    "thres07_gap02", "beta12", "lambda1", "adaonly", "multiply", "static", "adaptive_gap", "adaptive_gap_task_gap0",
)  # fmt: skip
COMBINED = {"combine": "sum", "adaonly": "adapted", "multiply": "product", "vanillaonly": "static"}


def score_of(vectors, case):
    """The authors' settings in our words; their memory has a place that stays empty, their beta loses its fraction."""
    told = {name.removeprefix(f"{case}__"): value for name, value in vectors.items() if name.startswith(f"{case}__")}
    adaptive = bool(told["adaptive_gap"])
    return AdaNegScore(
        static=NegLabelScore(groups=int(told["group_num"])),
        proxies="sample" if told["samada"] else "task",
        capacity=int(told["memleng"]) - 1,
        threshold=told["thres"].item(),
        gap=told["gap"].item(),
        beta=float(int(told["beta"])),
        combine=COMBINED[told["in_score"]],
        weight=1.0 if adaptive else told["lambdaval"].item(),
        adaptive_gap=adaptive,
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stream", ["a", "b"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_golden(golden, case, stream, dtype):
    vectors = golden("adaneg")
    score, negatives = score_of(vectors, case), vectors["negatives"].to(dtype)
    theirs = torch.arange(len(negatives))  # theirs[i] is their number of our i-th negative
    if not vectors[f"{case}__random_permute"]:
        order = group_order(len(negatives), score.static.groups, 0).flatten()
        theirs[order] = torch.arange(len(order))  # so that our permutation makes their order
    texts = TextFeatures(vectors["labels"].to(dtype), negatives[theirs])
    images, sizes = vectors[f"{stream}_images"].to(dtype), vectors["batch_sizes"].tolist()
    running, static = score.start(texts, 0), score.static(Similarities(images, texts))
    found = torch.cat([running(*batch) for batch in zip(images.split(sizes), static.split(sizes), strict=True)])
    torch.testing.assert_close(found.float(), vectors[f"{case}__{stream}_score"], rtol=0, atol=1e-5)
    filled, known = torch.zeros(320, dtype=torch.long), len(texts.labels)
    entropies = torch.zeros_like(vectors[f"{case}__{stream}_entropy"])
    for text, held in running.memory.entropies.items():
        place = text if text < known else known + theirs[text - known]
        filled[place] = len(held)
        entropies[place, 1 : 1 + len(held)] = torch.tensor(held)
    assert torch.equal(filled, vectors[f"{case}__{stream}_filled"])
    torch.testing.assert_close(entropies, vectors[f"{case}__{stream}_entropy"], rtol=0, atol=1e-5)


def test_every_case_is_tried(golden):
    assert {name.partition("__")[0] for name in golden("adaneg") if "__" in name} == set(CASES)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=12), max_size=5),
    st.integers(0, 3),
    st.sampled_from([None, 0.0, 5.0, 300.0]),
)
def test_memory_is_the_definition(batches, capacity, beta):
    texts, images, asked = unit(5, 1), unit(60, 2), unit(7, 3)
    memory, held, number = Memory(texts, capacity, beta), {}, 0
    for batch in batches:
        mine = images[number : number + len(batch)]
        where, entropies = ([pair[i] for pair in batch] for i in (0, 1))
        memory.store(mine, torch.tensor(where, dtype=torch.long), torch.tensor(entropies, dtype=torch.float32))
        for text, entropy in batch:
            kept = held.setdefault(text, [])
            largest = max(range(len(kept)), key=lambda i: kept[i][0], default=None)
            if len(kept) < capacity:
                kept.append((entropy, number))
            elif capacity and entropy < kept[largest][0]:
                kept[largest] = (entropy, number)
            number += 1
    expected = torch.zeros(len(asked), len(memory.columns))
    for column, text in enumerate(memory.columns.tolist()):
        members = torch.stack([texts[text], *(images[i] for _, i in held[text])])
        cosines = asked.double() @ members.double().T
        weights = torch.exp((beta or 0) * (cosines - cosines.amax(dim=1, keepdim=True)))
        expected[:, column] = (asked * normalize(weights @ members.double(), dim=1, eps=0)).sum(1)
    assert {text: sorted(entropies) for text, entropies in memory.entropies.items()} == {
        text: sorted(entropy for entropy, _ in kept) for text, kept in held.items() if kept
    }
    torch.testing.assert_close(memory.cosines(asked), expected, rtol=0, atol=1e-5 if (beta or 0) < 10 else 1e-3)


def test_an_image_that_nothing_is_stored_for_has_the_static_score():
    score, images = AdaNegScore(capacity=0, combine="adapted"), unit(9, 5)
    texts = TextFeatures(unit(4, 1), unit(30, 2))
    static = score.static(Similarities(images, texts))
    torch.testing.assert_close(score.start(texts, 0)(images, static), static, rtol=0, atol=1e-6)
