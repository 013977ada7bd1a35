"""A label bank, saved and read again; what a file may be besides is tested where files are written."""

import dataclasses

import pytest
import torch
from stand_in import StandInBackbone

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import LabelsOnly, NegMining, SavedBank, load_bank, save_bank


@pytest.fixture
def bank(mine, words):
    return mine(NegMining(corpus=words))


@pytest.mark.parametrize("with_negatives", [True, False])
def test_comes_back_from_a_file(bank, mine, tmp_path, with_negatives):
    bank = bank if with_negatives else mine(LabelsOnly())
    save_bank(bank, tmp_path / "bank.safetensors")
    again = load_bank(tmp_path / "bank.safetensors")
    for field in dataclasses.fields(bank):
        old, new = getattr(bank, field.name), getattr(again, field.name)
        assert torch.equal(old, new) if isinstance(old, torch.Tensor) else old == new
    assert again.fingerprint == bank.fingerprint


def test_texts_are_what_scores_read(bank):
    assert torch.equal(bank.texts.labels, bank.label_features)
    assert torch.equal(bank.texts.negatives, bank.negative_features)


def test_summary_says_sizes_and_whose_words(bank):
    said = bank.summary()
    assert said.startswith("3 labels, 15 negatives (9 nouns, 6 adjectives) by NegMining from the user's words: 60 ")


@pytest.mark.parametrize(
    "change",
    [
        {"label_features": torch.ones(1, 16)},
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
    with pytest.raises(DataError, match=r"do not fit together|hold zeros, NaN or infinity"):
        dataclasses.replace(bank, **change)


def test_a_saved_bank_stands_for_its_miner(bank, mine, tmp_path):
    save_bank(bank, tmp_path / "bank.safetensors")
    saved = SavedBank(path=str(tmp_path / "bank.safetensors"))
    fingerprint = saved.fingerprint(bank.labels, StandInBackbone().text_fingerprint())
    assert mine(saved).negatives == bank.negatives
    assert saved.notes(bank) == []
    with pytest.raises(ConfigError, match=r"bank\.safetensors' was mined with another text tower than this model's"):
        saved.fingerprint(bank.labels, "another tower")
    save_bank(dataclasses.replace(bank, negatives=bank.negatives[::-1]), saved.path)  # the same recipe
    assert dataclasses.replace(saved).fingerprint(bank.labels, bank.recipe["text_tower"]) != fingerprint


@pytest.mark.parametrize("path", ["nowhere.safetensors", 5])
def test_a_saved_bank_that_is_none(tmp_path, path):
    with pytest.raises(DataError, match=f"label bank.*{path}|{path}.*label bank"):
        SavedBank(path=path).fingerprint(("cat",), "tower")
