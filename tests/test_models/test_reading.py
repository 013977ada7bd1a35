"""What a batch leaves on its device comes in one copy, that nobody waits for before the samples are looked at."""

import dataclasses

import pytest
import torch
from mmpretrain.registry import MODELS
from paths import TINY_CLIP
from small_posthoc import SCORES
from waiting import waits

from mmneglabel.models.reading import Reading, read_behind
from mmneglabel.scores import Similarities

PIXELS = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def zero_shot(words, scores=("NegLabel", "CSP", "MCM", "Energy"), **wishes):
    """A small CLIP with banks of its own, that does as is wished."""
    own = {
        name: {"bank": {"type": "NegMining", "corpus": str(words)}}
        for name in scores
        if name not in ("MCM", "Energy", "GL-MCM")
    }
    rows = {name: own.get(name, {}) for name in scores}
    tower = {"type": "OpenCLIPBackbone", "model_name": TINY_CLIP}
    model = MODELS.build(
        {"type": "NegLabelClassifier", "backbone": tower, "class_names": ["cat", "dog", "bird"], "scores": rows,
         "predict_with": scores[0]}
    ).eval()  # fmt: skip
    model.prepare()
    return told(model, wishes)


def posthoc(**wishes):
    scores = {name: SCORES[name] for name in ("MSP", "MaxLogit", "Energy", "ODIN")}
    network = {"type": "ResNet_CIFAR", "depth": 18, "base_channels": 4, "stem_channels": 4}
    head = {"type": "LinearClsHead", "num_classes": 3, "in_channels": 32}
    config = {"type": "PostHocClassifier", "backbone": network, "neck": {"type": "GlobalAveragePooling"}, "head": head}
    return told(MODELS.build(config | {"scores": scores}).eval(), wishes)


def told(model, wishes):
    for name, value in wishes.items():
        assert hasattr(model, name)
        setattr(model, name, value)
    return model


def shown(samples):
    """All that samples carry, as bytes where it is tensors."""
    return [
        {name: value.numpy().tobytes() if isinstance(value, torch.Tensor) else str(value)
         for name, value in sample.all_items()}
        for sample in samples
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_all_tensors_come_with_all_their_bits(rows):
    numbers = torch.tensor([[0.1, float("nan"), -0.0], [1e-42, torch.inf, 2], [3, 4, 5]])[:rows]
    sent = {
        "flags": numbers[:, 0] > 1, "single": numbers, "none": numbers[:, :0], "turned": numbers.T.contiguous().T,
        "double": numbers[:, 0].double(), "whole": torch.arange(2 * rows).view(rows, 2, 1) - 2**40,
        "thin": torch.arange(float(rows))[None].T, "half": numbers.bfloat16(),
        "small": torch.arange(rows, dtype=torch.int32),
    }  # fmt: skip
    found = Reading(sent).read()
    assert list(found) == list(sent)
    for name, tensor in sent.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        assert str(found[name].tolist()) == str(tensor.tolist())


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_is_read_once_the_next_is_on_its_way(count):
    begun = []

    def readings():
        for number in range(count):
            begun.append(number)
            yield Reading({"number": torch.tensor([number])})

    read = [(found["number"].item(), len(begun)) for found in read_behind(readings())]
    assert read == [(number, min(number + 2, count)) for number in range(count)]


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"says_probabilities": False},
        {"detailed": True, "says_probabilities": False},
        {"detailed": True, "keep_features": True, "plays_streams": True},
    ],
)
def test_a_batch_is_one_copy_and_no_other_wait(words, wishes):
    check(zero_shot(words, **wishes))


@pytest.mark.parametrize("model", [lambda words: zero_shot(words, ("MCM", "GL-MCM")), lambda _: posthoc()])
def test_and_so_it_is_with_places_of_the_image_and_with_trained_classifiers(words, model):
    check(model(words))


def check(model):
    at_once = shown(model.predict(PIXELS))  # and what is made once is made
    model.reads_later = True
    assert shown(model.predict(PIXELS)) == at_once
    with waits() as seen:
        late = model.predict(PIXELS)
    assert seen == {"to cpu": 1}
    assert late[0] is next(iter(late))


def test_multi_matching_alone_waits_to_know_its_pairs(words):
    model = zero_shot(words, ("NegRefine",), reads_later=True)
    model.predict(PIXELS)
    with waits() as seen:
        model.predict(PIXELS)
    assert seen == {"to cpu": 1, "_unique2": 1, "nonzero": 1}  # which pairs, and which of them are not kept


@pytest.mark.parametrize("temperature", [0.01, 0.0005])
def test_images_whose_masses_leave_float32_are_computed_again_once_that_is_known(words, temperature):
    """As a score says them when it is asked at once, to the last bit."""
    model = zero_shot(words, detailed=True, reads_later=True)
    sharp = dataclasses.replace(model.scores["NegLabel"], temperature=temperature)
    model.scores["NegLabel"] = sharp
    model.set_banks(model._banks)
    seen = Similarities(model.extract_feat(PIXELS), model.head.texts_of("NegLabel"))
    shares, odds, beyond = sharp.shares(seen), sharp.log_odds(seen).tolist(), sharp.beyond(seen)
    assert beyond.any().item() is (temperature < 0.01)
    samples = model.predict(PIXELS)
    assert [sample.log_odds["NegLabel"] for sample in samples] == odds
    for name, expected in shares._asdict().items():
        assert torch.equal(torch.stack([sample.shares[name] for sample in samples]), expected)


def test_the_counter_sees_what_waits():
    """However deep it lies."""
    numbers, mask = torch.arange(4.0), torch.tensor([True, False, True, False])
    with waits() as seen:
        float(numbers[mask].sum())
        torch.allclose(numbers, numbers)
        numbers[mask] = torch.ones(2)
        if (numbers > 5).any():
            raise AssertionError
    assert seen == {"mask": 2, "_local_scalar_dense": 2, "allclose": 1, "__bool__": 1}
