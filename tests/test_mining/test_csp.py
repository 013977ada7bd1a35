"""CSP against vectors made with its authors' code, and what it does with labels and seeds."""

import random

import pytest
import torch
from hashed_text import encode
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.mining import CSP
from mmneglabel.mining.csp import ADJECTIVE_TEMPLATES, NOUN_TEMPLATES, SUPERCLASSES


@pytest.mark.parametrize(
    ("pool", "settings"),
    [
        ("csp_own_mining", {}),
        ("csp_mining", {"quantile": 1.0, "drop_labels": True}),
        ("negrefine_pool", {"quantile": 1.0, "drop_labels": True}),
    ],
    ids=["csp's own code", "where negrefine calls it", "negrefine's pool"],
)
def test_golden(golden, corpus, pool, settings):
    vectors = golden(pool)
    assert tuple(vectors["noun_templates"]) == NOUN_TEMPLATES
    assert tuple(vectors["adjective_templates"]) == ADJECTIVE_TEMPLATES
    assert tuple(t.removeprefix("{} ") for t in vectors["csp_templates"]) == SUPERCLASSES
    miner = CSP(corpus=corpus(vectors["nouns"], vectors["adjectives"]), **settings)
    bank = miner.mine(vectors["id_labels"], encode, "hash")
    split = bank.parts_of_speech.index("adj")
    assert list(bank.negatives[:split]) == vectors["selected_nouns"]
    assert list(bank.negatives[split:]) == vectors["selected_adjectives"]


@pytest.fixture
def small(corpus):
    return corpus([f"noun {i}" for i in range(40)] + ["Tench"], [f"adj {i}" for i in range(20)])


@pytest.mark.parametrize(("drop_labels", "kept"), [(False, {"noun 3", "Tench"}), (True, {"Tench"})])
def test_nouns_that_are_labels_rank_last_or_go_if_their_case_is_the_labels(small, drop_labels, kept):
    bank = CSP(corpus=small, ratio=1.0, drop_labels=drop_labels).mine(["tench", "noun 3"], encode, "hash")
    assert {"noun 3", "Tench"} & set(bank.negatives) == kept
    assert drop_labels or bank.negatives[bank.parts_of_speech.index("adj") - 1] == "noun 3"


def test_superclasses_are_drawn_privately_and_by_seed(small):
    random.seed(7)
    state = random.getstate()
    banks = [CSP(corpus=small, ratio=1.0, seed=s).mine(["tench"], encode, "hash") for s in (0, 0, 1)]
    assert random.getstate() == state
    words = [sorted(w for w, p in zip(b.negatives, b.parts_of_speech, strict=True) if p == "adj") for b in banks]
    assert words[0] == words[1] != words[2]
    assert {word.rsplit(" ", 1)[1] for word in words[0]} <= set(SUPERCLASSES)


def test_what_is_nearly_a_label_is_ranked_last_though_the_quantile_overlooks_it():
    label_features = torch.eye(40)
    almost, far = torch.eye(40)[:1], normalize(torch.ones(1, 40), dim=-1)
    similarity = CSP(quantile=0.5).similarity(torch.cat([almost, far]), label_features)
    assert similarity[0] == 1.0
    assert similarity[1] == pytest.approx(40**-0.5, abs=1e-6)
    assert CSP(quantile=0.5, near=1.0).similarity(almost, label_features) == 0


def test_every_setting_counts_in_the_fingerprint(small):
    changes = (
        {},
        {"near": 0.9},
        {"drop_labels": True},
        {"superclasses": ["thing"]},
        {"quantile": 1.0},
        {"seed": 1},
        {"prompts": {"label": "a {}"}},
    )
    prints = {CSP(corpus=small, **change).fingerprint(("tench",), "tower") for change in changes}
    assert len(prints) == len(changes)


def test_other_templates_replace_those_that_are_named_alone():
    prompts = CSP(prompts={"label": "a {}"}).prompts
    assert (prompts.label, prompts.noun, prompts.adjective) == (("a {}",), NOUN_TEMPLATES, ADJECTIVE_TEMPLATES)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"superclasses": []}, "at least one word"),
        ({"superclasses": "thing"}, "must be a list"),
        ({"superclasses": [3]}, "must be a list"),
        ({"drop_labels": "no"}, "drop_labels must be True or False, got 'no'"),
        ({"near": 1.5}, "near must be a number from -1 to 1"),
        ({"seed": 2**64}, "seed must be an integer of 64 bits"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        CSP(**settings)
