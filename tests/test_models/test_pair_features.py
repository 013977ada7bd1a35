"""Pair features: the right texts, whatever is kept, and no more kept than was allowed."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.config import Config
from mmengine.runner import Runner
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words
from mmneglabel.errors import ConfigError
from mmneglabel.mining import CSP
from mmneglabel.mining.csp import NOUN_TEMPLATES
from mmneglabel.models.pair_features import PairFeatures

ROW = 4 * 16 / 2**20  # MiB of one pair of the stand-in


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    words = tmp_path_factory.mktemp("words") / "words.txt"
    words.write_text("\n".join(f"noun {i}" for i in range(20)))
    miner = CSP(corpus=words, ratio=0.5)
    return miner.mine(("cat", "dog", "bird"), partial(encode_words, StandInBackbone()), "tower")


def expected(bank, labels, negatives):
    texts = [f"{bank.labels[y]} and {bank.negatives[n]}" for y, n in zip(labels, negatives, strict=True)]
    return encode_words(StandInBackbone(), texts, NOUN_TEMPLATES)


def test_features_of_the_texts_in_the_banks_noun_templates(bank):
    labels, negatives = torch.tensor([0, 2, 2]), torch.tensor([3, 9, 0])
    pairs = PairFeatures(StandInBackbone(), bank)
    torch.testing.assert_close(pairs(labels, negatives), expected(bank, labels, negatives))


def test_encodes_no_pair_twice_while_it_is_kept(bank):
    pairs = PairFeatures(StandInBackbone(), bank)
    pairs(torch.tensor([0, 1]), torch.tensor([3, 4]))
    pairs(torch.tensor([1, 1, 0]), torch.tensor([4, 5, 3]))
    assert pairs.encoded == len(pairs) == 3


def test_what_was_not_asked_for_longest_makes_room(bank):
    pairs = PairFeatures(StandInBackbone(), bank, memory_mb=2 * ROW)
    zero = torch.tensor([0])
    for negative in (1, 2, 1, 3, 1):  # 3 takes the place of 2
        pairs(zero, torch.tensor([negative]))
    assert pairs.encoded == 3
    pairs(zero, torch.tensor([2]))
    assert (pairs.encoded, len(pairs)) == (4, 2)


@settings(max_examples=60)
@given(st.integers(1, 12), st.lists(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 9)), min_size=1), max_size=8))
def test_values_never_depend_on_what_is_kept_and_the_bound_holds(bank, room, asked):
    pairs = PairFeatures(StandInBackbone(), bank, memory_mb=room * ROW)
    for wanted in asked:
        labels, negatives = (torch.tensor(side) for side in zip(*sorted(wanted), strict=True))
        torch.testing.assert_close(pairs(labels, negatives), expected(bank, labels, negatives))
        assert len(pairs) <= room
        assert len(pairs._kept) <= room


def test_a_bound_without_room_for_one(bank):
    with pytest.raises(ConfigError, match="pair_memory_mb=0 does not hold one pair"):
        PairFeatures(StandInBackbone(), bank, memory_mb=0)


def files(folder):
    return list((folder / "pairs").glob("*.safetensors"))


@pytest.fixture
def tested(small_config, words):
    """Run a test with multi-matching; returns its pair features and metrics."""

    def run(keep=True, **miner):
        hook = {"type": "NegLabelMiningHook", "keep_pairs": keep}
        bank = {"type": "NegMining", "corpus": str(words), "ratio": 0.3} | miner
        scores = {"_delete_": True, "MultiMatching": {"bank": bank}}
        config = Config.fromfile(small_config(**{"custom_hooks": [hook], "model.scores": scores}))
        runner = Runner.from_cfg(config)
        metrics = runner.test()
        (pairs,) = runner.model.head.pairs.values()
        return pairs, {k: v for k, v in metrics.items() if k.startswith("ood/")}

    return run


def test_a_second_run_encodes_nothing_and_finds_the_same(tested, private_cache):
    first, metrics = tested()
    again, same = tested()
    assert first.encoded == len(first) > 50
    assert (again.encoded, len(again)) == (0, len(first))
    assert metrics == same
    assert len(files(private_cache)) == 1
    other, _ = tested(quantile=0.5)
    assert other.encoded == len(other)
    assert len(files(private_cache)) == 2


def test_nothing_is_kept_unless_asked_for(tested, private_cache):
    tested(keep=False)
    assert not files(private_cache)


def test_a_damaged_file_is_said_and_made_anew(tested, private_cache, caplog):
    first, metrics = tested()
    (path,) = files(private_cache)
    whole = path.read_bytes()
    path.write_bytes(whole[:-4] + b"\x00\x00\x80\x3f")
    again, same = tested()
    assert "It is not used" in caplog.text
    assert again.encoded == len(first)
    assert metrics == same
    assert path.read_bytes() == whole


def test_no_more_is_restored_than_there_is_room_for(bank):
    first = PairFeatures(StandInBackbone(), bank)
    first(torch.arange(30) // 10, torch.arange(30) % 10)
    small = PairFeatures(StandInBackbone(), bank, memory_mb=10 * ROW)
    small.restore(first.kept())
    assert torch.equal(small.kept().pairs, first.kept().pairs[-10:])
    assert torch.equal(small.kept().features, first.kept().features[-10:])


def test_kept_pairs_are_of_the_words_themselves(bank):
    """A bank whose words were changed by hand has the recipe of the one that it was."""
    kept = PairFeatures(StandInBackbone(), bank).kept()
    turned = replace(bank, negatives=bank.negatives[::-1])
    assert turned.fingerprint == bank.fingerprint
    assert PairFeatures(StandInBackbone(), turned).fingerprint != kept.fingerprint
