import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.storage.store import FileKind, Store, cache_folder


@dataclass(frozen=True, eq=False)
class Thing:
    fingerprint: str
    words: tuple[str, ...]
    parts: tuple[str, ...] | None
    recipe: dict
    features: Tensor
    none: Tensor


KIND = FileKind(Thing, "thing", version=3, mend="make it again")
THING = Thing("f" * 64, ("a", "ü"), None, {"b": [1, None], "a": 2.5}, torch.arange(6.0).view(2, 3), torch.empty(0, 3))


def test_round_trip(tmp_path):
    KIND.write(THING, tmp_path / "new" / "thing.safetensors")
    again = KIND.read(tmp_path / "new" / "thing.safetensors")
    assert (again.words, again.parts, again.recipe) == (THING.words, None, THING.recipe)
    assert torch.equal(again.features, THING.features)
    assert again.none.shape == (0, 3)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["thing.safetensors"]


def test_equal_things_are_equal_files_that_can_be_shared(tmp_path):
    for name in "ab":
        KIND.write(THING, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    mask = os.umask(0o022)
    os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o666 & ~mask


def test_refuses_what_is_missing(tmp_path):
    with pytest.raises(DataError, match="No readable thing"):
        KIND.read(tmp_path / "thing.safetensors")


@pytest.mark.parametrize("spoil", [lambda data, at: data[:at], lambda data, at: flipped(data, at)], ids=["cut", "edit"])
def test_refuses_every_truncation_and_edit(tmp_path, spoil):
    path = tmp_path / "thing.safetensors"
    KIND.write(THING, path)
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(spoil(whole, place))
        with pytest.raises(DataError):
            KIND.read(path)


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({}, "is no thing"),
        ([], "is no thing"),
        (None, "is no thing"),
        ("[" * 200_000, "is no thing"),
        ({"format": 1, "sha256": "", "bank": {}}, "another version"),
        ({"version": 9}, "another version"),
        ({"version": 3, "kind": "other", "sha256": "", "fields": {}}, "is no thing"),
        ({"version": 3, "kind": "thing", "sha256": "", "fields": []}, "is no thing, or was altered"),
    ],
    ids=["empty", "list", "null", "deep", "format 1", "other version", "other kind", "no fields"],
)
def test_refuses_other_headers(tmp_path, header, says):
    text = header if isinstance(header, str) else json.dumps(header)
    save_file({"features": THING.features}, tmp_path / "other", metadata={"mmneglabel": text})
    with pytest.raises(DataError, match=says):
        KIND.read(tmp_path / "other")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_refuses_other_safetensors(tmp_path, dtype):
    save_file({"x": torch.ones(2, dtype=dtype)}, tmp_path / "other")
    with pytest.raises(DataError, match="is no thing"):
        KIND.read(tmp_path / "other")


def test_keeps_by_fingerprint(private_cache):
    store = Store(KIND, room="things")
    assert store.load(THING.fingerprint) is None
    assert store.save(THING).parent == private_cache / "things"
    assert store.load(THING.fingerprint).words == THING.words
    assert store.load("0" * 64) is None


def test_damage_is_said_and_not_trusted(tmp_path, caplog):
    store = Store(KIND, tmp_path)
    path = store.save(THING)
    path.write_bytes(path.read_bytes()[:-10])
    assert store.load(THING.fingerprint) is None
    assert "It is not used" in caplog.text


def test_another_thing_under_the_name_is_not_trusted(tmp_path, caplog):
    store = Store(KIND, tmp_path)
    store.save(replace(THING, fingerprint="0" * 64)).rename(store.path(THING.fingerprint))
    assert store.load(THING.fingerprint) is None
    assert "another thing than its name says" in caplog.text


def test_a_folder_that_cannot_be_written_is_said(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        assert Store(KIND, tmp_path / "file" / "cache").save(THING) is None
    assert "could not be kept" in caplog.text


def test_a_full_disk_is_said(tmp_path, caplog, monkeypatch):
    def full(*_, **__):
        raise SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr("mmneglabel.storage.store.save_file", full)
    assert Store(KIND, tmp_path / "cache").save(THING) is None
    assert "could not be kept" in caplog.text
    assert not list((tmp_path / "cache").iterdir())


def test_what_a_killed_writer_left_is_swept(tmp_path):
    old, new = tmp_path / ".a.safetensors.x", tmp_path / ".b.safetensors.y"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    Store(KIND, tmp_path).save(THING)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_file_that_goes_while_sweeping_is_no_failure(tmp_path, caplog, monkeypatch):
    """Another writer renames its temporary file between our listing and our look at it."""
    monkeypatch.setattr(Path, "glob", lambda folder, _: iter([folder / ".gone.safetensors.x"]))
    assert Store(KIND, tmp_path).save(THING) is not None
    assert not caplog.text


def test_writers_at_once_do_no_harm(tmp_path):
    store = Store(KIND, tmp_path / "cache")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: (store.save(THING), store.load(THING.fingerprint)), range(40)))
    assert store.load(THING.fingerprint).words == THING.words
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_cache_folder(monkeypatch):
    monkeypatch.setenv("MMNEGLABEL_CACHE", "/here")
    assert cache_folder() == Path("/here")
    monkeypatch.delenv("MMNEGLABEL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_folder() == Path("/x/mmneglabel")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "mmneglabel"
    monkeypatch.setenv("HOME", "/home/somebody")
    assert cache_folder("~/banks") == Path("/home/somebody/banks")
