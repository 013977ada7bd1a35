import pytest
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_prompts

LABELS = ("cat", "dog", "cat")  # a name that stands twice, as in ImageNet


@pytest.fixture
def mine():
    """Mine a bank with the stand-in's text features."""
    tower = StandInBackbone()

    def run(miner, labels=LABELS):
        return miner.mine(labels, lambda prompts: encode_prompts(tower, prompts), tower.text_fingerprint())

    return run
