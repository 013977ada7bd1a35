from functools import partial

import pytest
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_words

LABELS = ("cat", "dog", "cat")  # a name that stands twice, as in ImageNet


@pytest.fixture
def mine():
    """Mine a bank with the stand-in's text features."""
    tower = StandInBackbone()

    def run(miner, labels=LABELS):
        return miner.mine(labels, partial(encode_words, tower), tower.text_fingerprint())

    return run
