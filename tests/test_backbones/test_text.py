import pytest
import torch
from open_clip import SimpleTokenizer
from stand_in import StandInBackbone

from mmneglabel.backbones import cut_texts, encode_prompts, encode_words

PROMPTS = ["a", "the nice dog", "This is a very long photo of many things", "the nice yellow-bellied sapsucker"] * 7


CLIP = SimpleTokenizer(context_length=10)  # 8 between start and end


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


def test_ranks_share_the_tokenising_of_many_prompts():
    tower, prompts, handed = StandInBackbone(), [f"word {i}" for i in range(1000)], []
    ids = tower.tokenize(prompts)

    def share(rank, count):
        return encode_prompts(
            tower, prompts[:count], rank=rank, world_size=3, rows_on_all=lambda mine: handed.append(mine) or ids.int()
        )

    assert torch.equal(sum(share(rank, 1000) for rank in range(3)), encode_prompts(tower, prompts))
    assert [len(mine) for mine in handed] == [333, 333, 334]
    assert torch.equal(torch.cat(handed), ids)
    assert share(0, 600).shape == (600, 16)
    assert len(handed) == 3


def test_no_prompts(tower):
    assert encode_prompts(StandInBackbone(), []).shape == (0, 16)
    assert encode_prompts(tower, []).shape == (0, 32)


@pytest.mark.parametrize("packs", [True, False])
def test_progress_counts_prompts(tower, packs):
    done = []
    encode_prompts(tower if packs else StandInBackbone(), PROMPTS, batch_size=5, progress=done.append)
    assert sum(done) == len(PROMPTS)
    assert max(done) <= 5


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_a_tower_that_packs_nothing(batch_size):
    backbone = StandInBackbone()
    features = encode_prompts(backbone, PROMPTS, batch_size=batch_size)
    torch.testing.assert_close(features, backbone.embed_text(backbone.tokenize(PROMPTS)).float())


def test_autocast(tower):
    expected = encode_prompts(tower, PROMPTS)
    with torch.autocast("cpu", torch.bfloat16):
        features = encode_prompts(tower, PROMPTS)
    assert features.dtype == torch.float32
    torch.testing.assert_close(features, expected, rtol=0, atol=0.02 * expected.abs().max().item())


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", False),
        ("dog", False),
        ("dog " * 7, False),
        ("dog " * 8, False),
        ("dog " * 9, True),
        ("dog " * 40, True),
        ("dog " * 8 + ".", False),  # what is lost is no letter
        ("dog " * 7 + "pneumonoultramicroscopic", True),  # a word of several tokens
        ("." * 40, False),
    ],
)
def test_cut_by_clip(text, cut):
    assert cut_texts(CLIP, ["cat", text, "dog"]) == [1] * cut


def test_a_tokenizer_that_drops_punctuation():
    clean = SimpleTokenizer(context_length=10, clean="canonicalize")
    assert cut_texts(clean, ["dog " * 7 + "cat.", "dog " * 8 + "cat."]) == [1]


def test_nothing_to_cut():
    assert cut_texts(CLIP, []) == []
    assert cut_texts(StandInBackbone().tokenize, ["dog " * 100]) == []
