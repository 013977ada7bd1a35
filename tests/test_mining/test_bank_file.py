import dataclasses
import json
import os

import pytest
import torch
from safetensors.torch import save_file

from mmneglabel.errors import DataError
from mmneglabel.mining import LabelsOnly, NegMining, load_bank, save_bank


@pytest.fixture
def bank(mine, words):
    return mine(NegMining(corpus=words, groups=3))


def test_round_trip(bank, tmp_path):
    save_bank(bank, tmp_path / "bank.safetensors")
    again = load_bank(tmp_path / "bank.safetensors")
    assert (again.labels, again.negatives, again.parts_of_speech) == (bank.labels, bank.negatives, bank.parts_of_speech)
    assert (again.fingerprint, again.groups, again.recipe) == (bank.fingerprint, bank.groups, bank.recipe)
    for name in ("label_features", "negative_features", "distances", "order"):
        assert torch.equal(getattr(again, name), getattr(bank, name))


def test_round_trip_without_negatives(mine, tmp_path):
    save_bank(mine(LabelsOnly()), tmp_path / "bank.safetensors")
    assert load_bank(tmp_path / "bank.safetensors").negatives == ()


def test_equal_banks_are_equal_files(bank, tmp_path):
    for name in "ab":
        save_bank(bank, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_leaves_no_other_file(bank, tmp_path):
    save_bank(bank, tmp_path / "new" / "bank.safetensors")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bank.safetensors"]


def test_refuses_what_is_missing(tmp_path):
    with pytest.raises(DataError, match="No readable label bank"):
        load_bank(tmp_path / "bank.safetensors")


def test_refuses_every_truncation(bank, tmp_path):
    path = tmp_path / "bank.safetensors"
    save_bank(bank, path)
    whole = path.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 20)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            load_bank(path)


def test_refuses_every_edit(bank, tmp_path):
    path = tmp_path / "bank.safetensors"
    save_bank(bank, path)
    whole = path.read_bytes()
    for position in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DataError):
            load_bank(path)


@pytest.mark.parametrize(
    "header",
    [
        {},
        [],
        None,
        "[" * 200_000,
        {"format": 1},
        {"format": 9, "sha256": "", "bank": {}},
        {"format": 1, "sha256": "", "bank": []},
    ],
    ids=["empty", "list", "null", "deep", "no fields", "other format", "no bank"],
)
def test_refuses_other_headers(bank, tmp_path, header):
    tensors = {name: getattr(bank, name) for name in ("label_features", "negative_features", "distances", "order")}
    text = header if isinstance(header, str) else json.dumps(header)
    save_file(tensors, tmp_path / "other.safetensors", metadata={"mmneglabel": text})
    with pytest.raises(DataError, match=r"is no label bank|another version|was altered"):
        load_bank(tmp_path / "other.safetensors")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_refuses_other_safetensors(tmp_path, dtype):
    save_file({"x": torch.ones(2, dtype=dtype)}, tmp_path / "other.safetensors")
    with pytest.raises(DataError, match="is no label bank"):
        load_bank(tmp_path / "other.safetensors")


@pytest.mark.parametrize(
    "change",
    [
        {"label_features": torch.ones(1, 16)},
        {"groups": 10**9},
        {"groups": 0},
        {"order": torch.zeros(15, dtype=torch.long)},
        {"distances": torch.zeros(3)},
        {"negative_features": torch.full((15, 16), torch.nan)},
        {"negative_features": torch.zeros(15, 16)},
        {"negative_features": torch.ones(15, 16, dtype=torch.float64)},
        {"recipe": {}},
        {"parts_of_speech": ("noun",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_parts_that_do_not_fit_are_no_bank(bank, change):
    with pytest.raises(DataError):
        dataclasses.replace(bank, **change)


def test_a_saved_bank_can_be_shared(bank, tmp_path):
    save_bank(bank, tmp_path / "bank.safetensors")
    mask = os.umask(0o022)
    os.umask(mask)
    assert (tmp_path / "bank.safetensors").stat().st_mode & 0o777 == 0o666 & ~mask
