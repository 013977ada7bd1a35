import open_clip
import pytest
import torch

from mmneglabel.backbones.causal_text import PROBES, causal_text

SMALL_TEXT = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
SMALL_IMAGE = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8}
TOKENIZER = open_clip.SimpleTokenizer(context_length=16)
TOKENS = TOKENIZER(PROBES)


def build(custom_text=False, **text):
    torch.manual_seed(0)
    cls = open_clip.CustomTextCLIP if custom_text else open_clip.CLIP
    return cls(embed_dim=24, vision_cfg=SMALL_IMAGE, text_cfg=SMALL_TEXT | text).eval()


def gate(model, tokens=TOKENS, offset=0.0):
    with torch.no_grad():
        reference = model.encode_text(tokens) + offset
    return causal_text(model, tokens, reference)


@pytest.mark.parametrize("custom_text", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        {},
        {"proj_bias": True},
        {"proj_type": "none"},
        {"pool_type": "eos", "eos_id": 49407},
        {"block_type": "custom", "qk_norm": True},
    ],
)
def test_walks_causal_towers(custom_text, text):
    model = build(custom_text, **text)
    walk = gate(model)
    assert walk is not None
    with torch.no_grad():
        expected = model.encode_text(TOKENS)
        torch.testing.assert_close(walk(TOKENS), expected, rtol=0, atol=1e-5)
        trimmed = TOKENS[:, : int(walk.lengths(TOKENS).max())]
        torch.testing.assert_close(walk(trimmed), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "text", [{"no_causal_mask": True}, {"pool_type": "last"}, {"pool_type": "first"}, {"embed_cls": True}]
)
def test_leaves_other_towers_alone(text):
    assert gate(build(custom_text=True, **text)) is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_walks_any_precision(dtype):
    model = build().to(dtype)
    walk = gate(model)
    with torch.no_grad():
        expected = model.encode_text(TOKENS)
        torch.testing.assert_close(walk(TOKENS), expected, rtol=0, atol=8 * torch.finfo(dtype).eps)


def test_walks_with_gradients():
    model = build()
    walk = gate(model)
    grads = []
    for encode in (walk, model.encode_text):
        model.zero_grad()
        encode(TOKENS).square().sum().backward()
        grads.append(model.token_embedding.weight.grad)
    torch.testing.assert_close(*grads, rtol=0, atol=1e-5 * grads[1].abs().max().item())


@pytest.mark.parametrize("text", [{}, {"pool_type": "eos", "eos_id": 2}])
@pytest.mark.parametrize("pad", [1, 49000])
def test_any_tokenizer_will_do(text, pad):
    """The end is where the tower reads, were it the padding or, without an end token, the beginning."""
    tokens = torch.tensor([[0, 7, 2, pad, pad], [0, 9, 8, 7, 2], [2, 7, 2, pad, pad], [0, 7, 9, pad, pad]])
    tokens = torch.nn.functional.pad(tokens, (0, 11), value=pad)
    model = build(**text)
    walk = gate(model, tokens)
    with torch.no_grad():
        torch.testing.assert_close(walk(tokens), model.encode_text(tokens), rtol=0, atol=1e-5)


def test_falls_back_when_the_library_computes_something_else(caplog):
    assert gate(build(), offset=0.1) is None
    assert "full context length" in caplog.text
