"""NegFilter: what a judge objects to is gone, everything else stays in its order; and the authors' own verdicts."""

import os
from collections import defaultdict
from pathlib import Path

import pytest
import torch
from hashed_text import encode
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError
from mmneglabel.mining import CSP, LabelsOnly, NegFilter, NegMining, ReadyList
from mmneglabel.mining.neg_filter import clean, first_places, passes_subcategories
from test_mining.judge import ScriptedJudge


@pytest.fixture
def pool(words):
    return NegMining(corpus=words, ratio=0.25)


def filtered(pool, judge=None, **changes):
    pool = ReadyList(path=pool) if isinstance(pool, Path) else pool
    return NegFilter(pool=pool, judge=judge or ScriptedJudge(), **changes)


def test_a_judge_that_objects_to_nothing_leaves_the_pool_as_it_is(mine, listed):
    pool = ReadyList(path=listed("castle", "fern", "red fox", "owl", "boat"))
    whole, passed = mine(pool), mine(filtered(pool))
    assert passed.negatives == whole.negatives
    assert torch.equal(passed.negative_features, whole.negative_features)
    assert torch.equal(passed.distances, whole.distances)
    assert passed.recipe["prompts"] == whole.recipe["prompts"]


def test_what_the_judge_objects_to_is_gone_and_the_order_stays(mine, listed):
    judge = ScriptedJudge(proper=["paris", "jupiter"], kinds=[("puppy", "dog")])
    bank = mine(filtered(listed("fern", "paris", "puppy", "owl", "jupiter", "boat"), judge))
    assert bank.negatives == ("fern", "owl", "boat")
    assert not {"paris", "jupiter"} & {word for word, _ in judge.asked}
    assert judge.closed


def test_asks_about_the_nearest_labels_nearest_first_and_stops_at_a_yes(mine, listed):
    labels, tower = ("ant", "bee", "cat", "dog", "eel"), StandInBackbone()
    order = (encode_words(tower, ["fern"]) @ encode_words(tower, labels).T)[0].argsort(descending=True)
    expected = [("fern", labels[i]) for i in order[:3]]
    judge = ScriptedJudge()
    mine(filtered(listed("fern"), judge, nearest=3), labels)
    assert judge.asked == expected
    judge = ScriptedJudge(kinds=[expected[1]])
    mine(filtered(listed("fern", "owl"), judge, nearest=3), labels)
    assert [pair for pair in judge.asked if pair[0] == "fern"] == expected[:2]


def test_words_are_cleaned_and_stand_once(mine, listed):
    pool = listed("snake's head", "st. paul", "level 1", "level 2", "x-2", "snakes head", "12")
    assert mine(filtered(pool)).negatives == ("snakes head", "st paul", "level ")


def test_a_word_equal_to_a_label_is_gone_unasked_but_not_in_another_case(mine, listed):
    judge = ScriptedJudge()
    assert mine(filtered(listed("cat", "Dog", "fern"), judge)).negatives == ("Dog", "fern")
    assert {word for word, _ in judge.asked} == {"Dog", "fern"}


def test_golden(golden, corpus):
    vectors = golden("negrefine_pool")
    labels, proper, kinds = vectors["id_labels"], [], []
    for part in ("noun", "adjective"):
        words = vectors[f"{part}_words"]
        nearest = (encode(words) @ encode(labels).T).topk(10, dim=1).indices
        assert torch.equal(nearest, vectors[f"{part}_nearest"])
        proper += [words[i] for i in vectors[f"{part}_is_proper"].nonzero()[:, 0].tolist()]
        kinds += [(words[i], labels[j]) for i, j in vectors[f"{part}_is_subcategory"].nonzero().tolist()]
    pool = CSP(corpus=corpus(vectors["nouns"], vectors["adjectives"]), quantile=1.0, drop_labels=True)
    bank = NegFilter(pool=pool, judge=ScriptedJudge(proper, kinds)).mine(labels, encode, "hash")
    split = bank.parts_of_speech.index("adj")
    assert sorted(bank.negatives[:split]) == vectors["kept_nouns"]
    assert sorted(bank.negatives[split:]) == vectors["kept_adjectives"]


def test_adjectives_of_csp_pass_through_with_their_part_of_speech(mine, words):
    bank = mine(filtered(CSP(corpus=words, ratio=0.25, quantile=1.0)))
    assert set(bank.parts_of_speech) == {"noun", "adj"}
    assert bank.recipe["prompts"]["adjective"] == ["{}", "a nice photo of {}", "a good photo of {}",
                                                   "a close-up photo of {}"]  # fmt: skip


def test_a_filter_that_removes_everything(mine, pool):
    judge = ScriptedJudge(kinds=[("noun ", "*"), ("adj ", "*")])
    with pytest.raises(ConfigError, match="the judge ScriptedJudge removed all 25 negatives of the pool NegMining"):
        mine(filtered(pool, judge))


def test_pool_judge_and_nearest_count_in_the_fingerprint(words):
    pools = [CSP(corpus=words), CSP(corpus=words, seed=1), NegMining(corpus=words)]
    made = [filtered(pool) for pool in pools] + [
        filtered(pools[0], nearest=5),
        filtered(pools[0], ScriptedJudge(["x"])),
    ]
    assert len({miner.fingerprint(("cat",), "tower") for miner in made}) == len(made)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nearest": 0}, "nearest must be an integer above 0, got 0"),
        ({"judge": "WordNetJudge"}, "judge is 'WordNetJudge': write dict"),
        ({"pool": LabelsOnly()}, "pool must be a miner of negatives"),
        ({"pool": {"kind": "CSP"}}, "pool must be a miner of negatives"),
    ],
)
def test_bad_settings(pool, changes, message):
    with pytest.raises(ConfigError, match=message):
        NegFilter(**({"pool": pool, "judge": ScriptedJudge()} | changes))


def test_a_judge_that_cannot_judge_is_found_out_before_anything_is_encoded(pool):
    with pytest.raises(ConfigError, match="no key"):
        filtered(pool, ScriptedJudge(broken=ConfigError("no key"))).choose(("cat",), torch.zeros(1, 4), None)


@pytest.mark.parametrize("part", ["noun", "adj"])
@pytest.mark.skipif("MMNEGLABEL_NEGREFINE" not in os.environ, reason="MMNEGLABEL_NEGREFINE names no folder of the "
                    "verdicts that NegRefine's authors published")  # fmt: skip
def test_the_authors_verdicts_give_the_authors_labels(part):
    from mmneglabel.judges import LLMJudge

    folder = Path(os.environ["MMNEGLABEL_NEGREFINE"])
    judge = LLMJudge(log=folder / f"llm_process_{part}.txt")
    near = defaultdict(list)
    for line in (folder / f"llm_process_{part}.txt").read_text().splitlines():
        if len(fields := line.split(" | ")) == 3:
            near[fields[0]].append(fields[1].strip())
    pool = [clean(word) for word in (folder / f"initial_neg_labels_{part}.txt").read_text().splitlines()]
    words = [pool[place] for place in first_places([(word, part) for word in pool])]
    common = [word for word, proper in zip(words, judge.proper_nouns(words), strict=True) if not proper]
    passed = passes_subcategories(common, [near[word] for word in common], judge)
    expected = (folder / f"neg_labels_{part}.txt").read_text().splitlines()
    found = [word for word, stays in zip(common, passed, strict=True) if stays]
    assert (len(found), set(found)) == (len(expected), set(expected))
