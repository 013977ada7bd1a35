import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_results import made, runs

from mmneglabel.errors import ConfigError
from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.runs import facts, other_images, pooled

NUMBERS = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_parts_are_pooled_as_their_numbers(parts):
    every = [number for part in parts for number in part]
    told = [(len(part), statistics.mean(part), statistics.stdev(part) if len(part) > 1 else 0) for part in parts]
    found = pooled(told)
    assert (found.mean, found.count) == (pytest.approx(statistics.mean(every), abs=1e-9), len(every))
    assert found.sd == (pytest.approx(statistics.stdev(every), abs=1e-7) if len(every) > 1 else None)


def test_a_single_number_stays_as_it_is():
    assert pooled([(1, 0.1, 0.0)]) == (0.1, None, 1)
    assert pooled([(3, 0.1, 0.2)]) == (0.1, 0.2, 3)


def test_runs_with_other_seeds_and_folders_are_averaged():
    found = [made(seed=seed, streams=(seed, seed + 3)) for seed in range(3)]
    own = [OODReport(one).metrics for one in found]
    whole = runs("A", *found)
    assert whole.scores == ("NegLabel", "MCM", "AdaNeg (stream)")
    number = pooled(whole.parts("NegLabel", "mean", "auroc"))
    values = [one["NegLabel"]["mean"]["auroc"] for one in own]
    assert number == (pytest.approx(statistics.mean(values)), pytest.approx(statistics.stdev(values)), 3)
    assert pooled(whole.parts("AdaNeg (stream)", "near", "auroc")).count == 6
    assert whole.accuracy.count == 3
    assert runs("B", made(labels=False)).accuracy is None


def tower(name):
    return {"image_tower": name}


def bank(ratio):
    return {"scores": {"MCM": {"bank": "MCM"}}, "banks": {"MCM": {"pool": {"ratio": ratio}, "seed": ratio}}}


OTHERS = {
    "sets": ({}, {"sets": ("id", "far", "near")}, "sets id, near, far and id, far, near"),
    "groups": ({}, {"groups": {"all": ("near",)}}, "groups none and all"),
    "a score": ({}, {"scores": ("NegLabel",)}, "scores NegLabel, MCM and NegLabel"),
    "a stream": ({}, {"streams": (1,)}, "scores none and AdaNeg (stream)"),
    "counts": ({}, {"images": 41}, "40 and 41 images of 'id'"),
    "an unreadable image": ({}, {"unreadable": {50: "broken"}}, "40 and 39 images of 'near'"),
    "paths": (
        {},
        {"paths": [f"/data/0/set{n // 40}/{n + (n == 45)}.png" for n in range(120)]},
        "other images of 'near', such as '/45.png' and '/46.png'",
    ),
    "a tower": ({"facts": tower("a")}, {"facts": tower("b")}, "image_tower of NegLabel is 'a' and 'b'"),
    "a fact that one lacks": ({}, {"facts": {"autocast": True}}, "autocast of NegLabel is None and True"),
    "a bank": ({"facts": bank(0.1)}, {"facts": bank(0.2)}, "bank.pool.ratio of MCM is 0.1 and 0.2"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "says"), OTHERS.values(), ids=OTHERS)
def test_runs_that_differ_in_more_than_seeds_are_refused(one, other, says):
    with pytest.raises(ConfigError, match="A: A-0 and A-1 would be averaged") as error:
        runs("A", made(**one), made(**other))
    assert f"differ in more than seeds: {says}. Give each" in str(error.value)


def test_streams_of_another_order_are_refused():
    one, other = made(streams=(0,)), made(streams=(1,))
    object.__setattr__(other.streams["AdaNeg (stream)"], "order", "given")
    with pytest.raises(ConfigError, match=r"order of AdaNeg \(stream\) is 'shuffled' and 'given'"):
        runs("A", one, other)


def test_facts_leave_out_what_is_drawn():
    run = {"scores": {"MCM": {"seed": 1, "streams": 2, "static": {"seed": 3, "groups": 4}}}, "streams": {"x": 1}}
    assert facts(OODReport(made(facts=run)), "MCM") == {"static.groups": 4}


def test_images_in_memory_are_told_apart_by_their_number():
    assert other_images(made(paths=()), made()) is None
    assert (
        other_images(made(paths=[""] * 120), made(paths=[""] * 120, unreadable={3: "x"})) == "40 and 39 images of 'id'"
    )
    assert other_images(made(sets=("id", "near")), made(sets=("id", "far"), paths=())) is None
    assert np.array_equal(made().set_index, made(seed=1).set_index)
