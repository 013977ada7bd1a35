import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from safetensors import SafetensorError

from mmneglabel.mining import BankCache, NegMining
from mmneglabel.mining.cache import default_cache_dir


@pytest.fixture
def bank(mine, words):
    return mine(NegMining(corpus=words, groups=3))


def test_keeps_by_fingerprint(bank, private_cache):
    cache = BankCache()
    assert cache.load(bank.fingerprint) is None
    assert cache.save(bank).parent == private_cache
    assert cache.load(bank.fingerprint).negatives == bank.negatives
    assert cache.load("0" * 64) is None


def test_damage_is_said_and_not_trusted(bank, tmp_path, caplog):
    cache = BankCache(tmp_path)
    path = cache.save(bank)
    path.write_bytes(path.read_bytes()[:-10])
    assert cache.load(bank.fingerprint) is None
    assert "Mining it again" in caplog.text


def test_another_bank_under_the_name_is_not_trusted(bank, mine, words, tmp_path, caplog):
    cache = BankCache(tmp_path)
    other = mine(NegMining(corpus=words, groups=4))
    cache.save(other).rename(cache.path(bank.fingerprint))
    assert cache.load(bank.fingerprint) is None
    assert "another bank than its name says" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(bank, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        assert BankCache(tmp_path / "file" / "cache").save(bank) is None
    assert "could not be cached" in caplog.text


def test_a_full_disk_is_said(bank, tmp_path, caplog, monkeypatch):
    def full(*_, **__):
        raise SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr("mmneglabel.storage.tensor_file.save_file", full)
    assert BankCache(tmp_path / "cache").save(bank) is None
    assert "could not be cached" in caplog.text
    assert not list((tmp_path / "cache").iterdir())


def test_what_a_killed_writer_left_is_swept(bank, tmp_path):
    old, new = tmp_path / ".a.safetensors.x", tmp_path / ".b.safetensors.y"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    BankCache(tmp_path).save(bank)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_file_that_goes_while_sweeping_is_no_failure(bank, tmp_path, caplog, monkeypatch):
    """Another writer renames its temporary file between our listing and our look at it."""
    monkeypatch.setattr(Path, "glob", lambda folder, _: iter([folder / ".gone.safetensors.x"]))
    assert BankCache(tmp_path).save(bank) is not None
    assert not caplog.text


def test_home_is_resolved(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert BankCache("~/banks").folder == Path("/home/somebody/banks")


def test_writers_at_once_do_no_harm(bank, tmp_path):
    cache = BankCache(tmp_path / "cache")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: (cache.save(bank), cache.load(bank.fingerprint)), range(40)))
    assert cache.load(bank.fingerprint).negatives == bank.negatives
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_default_folder(monkeypatch):
    monkeypatch.delenv("MMNEGLABEL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert default_cache_dir() == Path("/x/mmneglabel")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert BankCache().folder == Path.home() / ".cache" / "mmneglabel"
