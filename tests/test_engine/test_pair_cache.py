"""Pair features kept beside their bank: the next test encodes none, and nothing wrong with the file stops it."""

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmneglabel.engine.pair_cache import PairCache
from mmneglabel.models.pair_features import PairFeatures


@pytest.fixture
def test(small_config, words):
    """Run a test with multi-matching; returns its pair features and metrics."""

    def run(keep=True, **miner):
        bank = {"type": "NegMining", "corpus": str(words), "ratio": 0.3, "groups": 7} | miner
        hook = {"type": "NegLabelMiningHook", "banks": {"neglabel": bank}, "keep_pairs": keep}
        path = small_config(custom_hooks=[hook])
        config = Config.fromfile(path)
        config.model.scores = {"MM": {"type": "MultiMatchingScore", "bank": "neglabel"}}
        runner = Runner.from_cfg(config)
        metrics = runner.test()
        return runner.model.head.pairs["neglabel"], {k: v for k, v in metrics.items() if k.startswith("ood/")}

    return run


def files(folder):
    return list((folder / "pairs").glob("*.safetensors"))


def test_a_second_run_encodes_nothing_and_finds_the_same(test, private_cache):
    first, metrics = test()
    again, same = test()
    assert first.encoded == len(first) > 50
    assert (again.encoded, len(again)) == (0, len(first))
    assert metrics == same
    assert len(files(private_cache)) == 1


def test_nothing_is_kept_unless_asked_for(test, private_cache):
    test(keep=False)
    assert not files(private_cache)


def test_each_bank_has_its_own(test, private_cache):
    test()
    other, _ = test(quantile=0.5)
    assert other.encoded == len(other)
    assert len(files(private_cache)) == 2


@pytest.mark.parametrize("damage", ["cut", "altered", "renamed"])
def test_a_damaged_file_is_said_and_made_anew(test, private_cache, caplog, damage):
    first, metrics = test()
    (path,) = files(private_cache)
    whole = path.read_bytes()
    if damage == "renamed":
        test(quantile=0.5)
        (other,) = set(files(private_cache)) - {path}
        path.write_bytes(other.read_bytes())
    else:
        path.write_bytes(whole[:-100] if damage == "cut" else whole[:-4] + b"\x00\x00\x80\x3f")
    again, same = test()
    assert "Encoding its pairs again" in caplog.text
    assert again.encoded == len(first)
    assert metrics == same
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_said(test, private_cache, caplog):
    (private_cache / "pairs").write_text("in the way")
    test()
    assert "Pair features could not be kept" in caplog.text


def test_no_more_is_restored_than_there_is_room_for(test, private_cache):
    first, _ = test()
    small = PairFeatures(first._backbone, first.bank, memory_mb=10 * 4 * 16 / 2**20)
    PairCache(private_cache).restore(small)
    codes, features = first.kept()
    assert small.kept()[0] == codes[-10:]
    assert torch.equal(small.kept()[1], features[-10:])
