import pytest
import torch
from paths import TINY_CLIP
from stand_in import StandInBackbone

from mmneglabel.backbones import OpenCLIPBackbone, encode_prompts, encode_words
from mmneglabel.backbones.text import plan_batches

PROMPTS = ["a", "the nice dog", "This is a very long photo of many things", "the nice yellow-bellied sapsucker"] * 7


@pytest.fixture(scope="module")
def tower():
    torch.manual_seed(0)
    return OpenCLIPBackbone(TINY_CLIP)


def test_plan_sorts_by_length_and_keeps_order_within():
    plan = plan_batches(torch.tensor([5, 2, 5, 2, 3]), 2)
    assert [rows.tolist() for rows in plan] == [[1, 3], [4, 0], [2]]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_features_keep_the_order_of_the_prompts(tower, batch_size):
    features = encode_words(tower, PROMPTS, batch_size=batch_size)
    alone = torch.cat([encode_words(tower, [prompt]) for prompt in PROMPTS])
    torch.testing.assert_close(features, alone, rtol=0, atol=1e-5)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(len(PROMPTS)))


@pytest.mark.parametrize("world_size", [2, 3, 50])
def test_ranks_add_up_to_the_whole_bit_for_bit(tower, world_size):
    whole = encode_prompts(tower, PROMPTS, batch_size=3)
    shares = [encode_prompts(tower, PROMPTS, batch_size=3, rank=r, world_size=world_size) for r in range(world_size)]
    assert torch.equal(sum(shares), whole)


def test_puts_mode_and_gradients_back(tower):
    tower.train()
    assert not encode_prompts(tower, PROMPTS).requires_grad
    assert tower.training
    assert torch.is_grad_enabled()


def test_no_prompts():
    assert encode_prompts(StandInBackbone(), []).shape == (0, 16)


def test_progress_counts_prompts(tower):
    done = []
    encode_prompts(tower, PROMPTS, batch_size=5, progress=done.append)
    assert sum(done) == len(PROMPTS)
