"""Tokenizers of the hub's: from a folder, and refused at once where neither folder, cache nor hub has them."""

import pytest
import torch
from paths import TINY_CLIP

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.errors import ConfigError, WeightsError

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

VOCABULARY = ["<pad>", "<s>", "</s>", "<unk>", "dog", "cat"]


@pytest.fixture
def tokenizer(tmp_path):
    """A text tower's configuration and its tokenizer, but no weights."""
    words = tokenizers.models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="<unk>")
    made = tokenizers.Tokenizer(words)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, **special).save_pretrained(tmp_path)
    sizes = {"vocab_size": len(VOCABULARY), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    transformers.BertConfig(**sizes, intermediate_size=16, pad_token_id=0).save_pretrained(tmp_path)
    return str(tmp_path)


@pytest.fixture
def hub_tokenizer(architecture):
    """Writes an architecture whose tokenizer lies on the hub."""

    def write(vocab_size=6):
        sizes = {"context_length": 8, "vocab_size": vocab_size, "width": 32, "heads": 2, "layers": 1}
        text = {**sizes, "no_causal_mask": True, "hf_tokenizer_name": "org/tokenizer"}
        return architecture(custom_text=True, text_cfg=text)

    return write


def test_a_folder(hub_tokenizer, tokenizer):
    tower = OpenCLIPBackbone(hub_tokenizer(), tokenizer=tokenizer)
    assert tower.tokenize(["cat dog"])[0].tolist() == [5, 4, 0, 0, 0, 0, 0, 0]
    assert encode_words(tower, ["dog"]).shape == (1, 32)


@pytest.mark.parametrize("source", [None, "org/other"])
def test_no_network(hub_tokenizer, source, monkeypatch):
    """The hub's client would try, and wait, for most of a minute."""
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"waits {seconds} s"))
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.test:3128")
    name = source or "org/tokenizer"
    says = f"tokenizer {name!r} of 'own' .*not known, by way of HTTPS_PROXY=http://proxy.test:3128.*backbone.tokenizer"
    with pytest.raises(WeightsError, match=says):
        OpenCLIPBackbone(hub_tokenizer(), tokenizer=source)


def test_a_folder_without_a_tokenizer(hub_tokenizer, tmp_path):
    with pytest.raises(WeightsError, match=r"The tokenizer .* of 'own' cannot be had") as error:
        OpenCLIPBackbone(hub_tokenizer(), tokenizer=str(tmp_path))
    assert "\n" not in str(error.value)


def test_a_tokenizer_for_a_model_with_its_own():
    with pytest.raises(ConfigError, match="has open_clip's own tokenizer"):
        OpenCLIPBackbone(TINY_CLIP, tokenizer="org/tokenizer")


def test_a_tokenizer_with_more_words_than_the_tower(hub_tokenizer, tokenizer):
    with pytest.raises(WeightsError, match="ids beyond the text tower's"):
        OpenCLIPBackbone(hub_tokenizer(vocab_size=2), tokenizer=tokenizer)


def test_a_local_dir_brings_its_tokenizer(hub_tokenizer, tokenizer, folder):
    again = OpenCLIPBackbone(hub_tokenizer(), tokenizer=tokenizer)
    place = folder(again.model, hub_tokenizer())
    assert OpenCLIPBackbone(f"local-dir:{place}").text_fingerprint() == again.text_fingerprint()


def test_weights_of_the_text_tower_alone_are_not_asked_for(architecture, tokenizer):
    """They are neither there nor wanted: a checkpoint of the whole model follows."""
    names = {"hf_model_name": tokenizer, "hf_tokenizer_name": tokenizer, "hf_pooler_type": "mean_pooler"}
    name = architecture(custom_text=True, text_cfg={"context_length": 8, **names})
    assert OpenCLIPBackbone(name, load_weights=False).embed_dim == 32


def test_coca_is_raw(architecture):
    vision, text = {"output_tokens": True}, {"embed_cls": True, "output_tokens": True}
    sizes = {"context_length": 8, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1, "attn_pooler_heads": 2}
    tower = OpenCLIPBackbone(architecture(vision=vision, text=text, custom_text=True, multimodal_cfg=sizes))
    templates, raw = ("{}", "a nice {}"), []
    with torch.no_grad():
        for template in templates:
            raw.append(tower.model._encode_text(tower.tokenize([template.format("dog")]), normalize=False)[0])
        image = tower.embed_image(torch.zeros(1, 3, *tower.preprocessing.size))
    expected = torch.nn.functional.normalize(sum(raw), dim=-1)
    torch.testing.assert_close(encode_words(tower, ["dog"], templates), expected, rtol=0, atol=1e-6)
    assert all(abs(features.norm() - 1) > 0.01 for features in (*raw, image))
