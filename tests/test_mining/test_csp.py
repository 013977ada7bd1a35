"""CSP against vectors made with its authors' code, and what it does with labels and seeds."""

import hashlib
import random

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError
from mmneglabel.mining import CSP
from mmneglabel.mining.csp import ADJECTIVE_TEMPLATES, NOUN_TEMPLATES, SUPERCLASSES


def hashed(prompt):
    """The text encoder of the golden vectors: noise seeded by the prompt."""
    seed = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(32).astype(np.float32)


def encode(words, templates=("{}",)):
    rows = [np.mean([hashed(t.replace("{}", word)) for t in templates], axis=0) for word in words]
    return normalize(torch.from_numpy(np.stack(rows)), dim=-1) if rows else torch.empty(0, 32)


@pytest.fixture
def golden_csp(golden):
    return golden("csp_mining")


def corpus_of(tmp_path, nouns, adjectives):
    (tmp_path / "noun.act.txt").write_text("\n".join(nouns) + "\n")
    (tmp_path / "adj.all.txt").write_text("\n".join(adjectives) + "\n")
    return tmp_path


def test_golden(golden_csp, tmp_path):
    assert tuple(golden_csp["noun_templates"]) == NOUN_TEMPLATES
    assert tuple(golden_csp["adjective_templates"]) == ADJECTIVE_TEMPLATES
    assert tuple(t.removeprefix("{} ") for t in golden_csp["csp_templates"]) == SUPERCLASSES
    corpus = corpus_of(tmp_path, golden_csp["nouns"], golden_csp["adjectives"])
    bank = CSP(corpus=corpus, quantile=1.0, groups=10).mine(golden_csp["id_labels"], encode, "hash")
    split = bank.parts_of_speech.index("adj")
    assert list(bank.negatives[:split]) == golden_csp["selected_nouns"]
    assert list(bank.negatives[split:]) == golden_csp["selected_adjectives"]


@pytest.fixture
def small(tmp_path):
    return corpus_of(tmp_path, [f"noun {i}" for i in range(40)] + ["Tench"], [f"adj {i}" for i in range(20)])


def test_a_noun_that_is_a_label_is_no_candidate(small):
    bank = CSP(corpus=small, ratio=1.0, groups=5).mine(["tench", "noun 3"], encode, "hash")
    assert len(bank.negatives) == 39 + 20
    assert not {"noun 3", "Tench"} & set(bank.negatives)


def test_superclasses_are_drawn_privately_and_by_seed(small):
    random.seed(7)
    state = random.getstate()
    banks = [CSP(corpus=small, ratio=1.0, groups=5, seed=s).mine(["tench"], encode, "hash") for s in (0, 0, 1)]
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
        ({"near": 1.5}, "cosine in"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        CSP(**settings)
