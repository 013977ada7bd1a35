from functools import partial

import pytest
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words

LABELS = ("cat", "dog", "cat")  # a name that stands twice, as in ImageNet


@pytest.fixture
def mine():
    """Mine a bank with the text features of the stand-in, or of another tower."""

    def run(miner, labels=LABELS, tower=None):
        tower = tower or StandInBackbone()
        return miner.mine(labels, partial(encode_words, tower), tower.text_fingerprint())

    return run


@pytest.fixture
def listed(tmp_path):
    """Write a list of words, one a line, and return its path."""

    def write(*lines, name="list.txt"):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def corpus(tmp_path):
    """Write a folder of nouns and adjectives, in the form of NegLabel's authors, and return it."""

    def write(nouns, adjectives):
        (tmp_path / "corpus").mkdir()
        for name, words in (("noun.act", nouns), ("adj.all", adjectives)):
            (tmp_path / "corpus" / f"{name}.txt").write_text("\n".join(words) + "\n")
        return tmp_path / "corpus"

    return write
