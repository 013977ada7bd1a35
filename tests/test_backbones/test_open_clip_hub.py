"""Tokenizers of the hub's: from a folder, and refused at once where neither folder, cache nor hub has them."""

import json
from pathlib import Path

import pytest
import torch
from paths import TINY_CLIP
from safetensors.torch import save_file

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.backbones.open_clip_hub import proxy_in_use
from mmneglabel.errors import ConfigError, WeightsError

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

VOCABULARY = ["<pad>", "<s>", "</s>", "<unk>", "dog", "cat"]


@pytest.fixture
def folder(tmp_path):
    """A text tower's configuration and its tokenizer, but no weights."""
    words = tokenizers.models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="<unk>")
    tokenizer = tokenizers.Tokenizer(words)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    place = tmp_path / "tokenizer"
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(place)
    sizes = {"vocab_size": len(VOCABULARY), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    transformers.BertConfig(**sizes, intermediate_size=16, pad_token_id=0).save_pretrained(place)
    return place


@pytest.fixture
def architecture(tmp_path):
    """An architecture file with this text tower."""

    def write(**text):
        config = json.loads(Path(TINY_CLIP).read_text()) | {"custom_text": True}
        config["text_cfg"] = {"context_length": 8} | text
        (tmp_path / "own.json").write_text(json.dumps(config))
        return str(tmp_path / "own.json")

    return write


@pytest.fixture
def hub_tokenizer(architecture):
    return architecture(
        hf_tokenizer_name="org/tokenizer", vocab_size=len(VOCABULARY), width=32, heads=2, layers=1, no_causal_mask=True
    )


def test_a_folder(hub_tokenizer, folder):
    tower = OpenCLIPBackbone(hub_tokenizer, tokenizer=str(folder))
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
        OpenCLIPBackbone(hub_tokenizer, tokenizer=source)


def test_a_folder_without_a_tokenizer(hub_tokenizer, tmp_path):
    with pytest.raises(WeightsError, match=r"The tokenizer .* of 'own' cannot be had") as error:
        OpenCLIPBackbone(hub_tokenizer, tokenizer=str(tmp_path))
    assert "\n" not in str(error.value)


def test_a_tokenizer_for_a_model_with_its_own(folder):
    with pytest.raises(ConfigError, match="has open_clip's own tokenizer"):
        OpenCLIPBackbone(TINY_CLIP, tokenizer=str(folder))


def test_a_tokenizer_with_more_words_than_the_tower(architecture, folder):
    name = architecture(hf_tokenizer_name="org/x", vocab_size=2, width=32, heads=2, layers=1, no_causal_mask=True)
    with pytest.raises(WeightsError, match="ids beyond the text tower's"):
        OpenCLIPBackbone(name, tokenizer=str(folder))


def test_a_local_dir_brings_its_tokenizer(hub_tokenizer, folder):
    config = {"model_cfg": json.loads(Path(hub_tokenizer).read_text())}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    again = OpenCLIPBackbone(hub_tokenizer, tokenizer=str(folder))
    save_file(dict(again.model.state_dict()), folder / "open_clip_model.safetensors")
    assert OpenCLIPBackbone(f"local-dir:{folder}").text_fingerprint() == again.text_fingerprint()


def test_weights_of_the_text_tower_alone_are_not_asked_for(architecture, folder):
    """They are neither there nor wanted: a checkpoint of the whole model follows."""
    name = architecture(hf_model_name=str(folder), hf_tokenizer_name=str(folder), hf_pooler_type="mean_pooler")
    assert OpenCLIPBackbone(name, load_weights=False).embed_dim == 32


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ""),
        ({"all_proxy": "socks5://127.0.0.1:9"}, ", by way of ALL_PROXY=socks5://127.0.0.1:9"),
        ({"https_proxy": "http://a:b@p:1", "no_proxy": "huggingface.co"}, ""),
    ],
)
def test_proxy(variables, expected, monkeypatch):
    monkeypatch.setattr("os.environ", variables)
    assert proxy_in_use() == expected


def test_coca_is_raw(tmp_path):
    config = json.loads(Path(TINY_CLIP).read_text()) | {"custom_text": True}
    config["vision_cfg"]["output_tokens"] = True
    config["text_cfg"] |= {"embed_cls": True, "output_tokens": True}
    sizes = {"context_length": 8, "vocab_size": 100, "width": 32, "heads": 2, "layers": 1, "attn_pooler_heads": 2}
    (tmp_path / "coca.json").write_text(json.dumps(config | {"multimodal_cfg": sizes}))
    tower = OpenCLIPBackbone(str(tmp_path / "coca.json"))
    templates, raw = ("{}", "a nice {}"), []
    with torch.no_grad():
        for template in templates:
            raw.append(tower.model._encode_text(tower.tokenize([template.format("dog")]), normalize=False)[0])
        image = tower.embed_image(torch.zeros(1, 3, *tower.preprocessing.size))
    expected = torch.nn.functional.normalize(sum(raw), dim=-1)
    torch.testing.assert_close(encode_words(tower, ["dog"], templates), expected, rtol=0, atol=1e-6)
    assert all(abs(features.norm() - 1) > 0.01 for features in (*raw, image))
