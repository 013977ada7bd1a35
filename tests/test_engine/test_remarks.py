"""Remarks on the words behind a score: each once, whatever the number of banks."""

from functools import partial
from textwrap import shorten

import pytest
from paths import TINY_CLIP

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.engine.remarks import remarks
from mmneglabel.mining import LabelsOnly, NegMining

LONG = " ".join(["endless"] * 90)


@pytest.fixture(scope="module")
def tower():
    return OpenCLIPBackbone(TINY_CLIP)


def made(miner, tower, labels):
    return miner.mine(labels, partial(encode_words, tower), tower.text_fingerprint())


def test_words_that_are_cut(tower, tmp_path):
    (tmp_path / "words.txt").write_text(f"rock\n{LONG}\nsand\n")
    miners = {"a": NegMining(corpus=tmp_path / "words.txt", ratio=1.0), "b": LabelsOnly(), "c": LabelsOnly()}
    banks = {name: made(miner, tower, ("cat", "dog", LONG)) for name, miner in miners.items()}
    said = remarks(banks, miners, tower, mined=banks)
    for what in ("class names", "negatives"):
        start = f"1 of 3 {what} were cut, such as {shorten(LONG, 60)!r}"
        assert sum(line.startswith(start) for line in said) == 1


def test_a_tower_that_reads_many_languages(tower, monkeypatch):
    banks, miners = {"a": made(LabelsOnly(), tower, ("猫", "dog"))}, {"a": LabelsOnly()}
    assert ["no Latin letter" in line for line in remarks(banks, miners, tower)] == [True]
    monkeypatch.setattr(type(tower), "multilingual", True)
    assert remarks(banks, miners, tower) == []
