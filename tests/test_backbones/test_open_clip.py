import json
from pathlib import Path

import open_clip
import pytest
import torch
from paths import TINY_CLIP
from safetensors.torch import save_file
from torch.nn.functional import normalize

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.errors import ConfigError, WeightsError

PROMPTS = ["a", "the nice dog", "This is a very long photo of many things that goes on and on and on and on"]


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return OpenCLIPBackbone(TINY_CLIP)


def test_text_is_what_the_library_computes(tower):
    assert tower.packer is not None
    with torch.no_grad():
        expected = normalize(tower.model.encode_text(tower.tokenize(PROMPTS)), dim=-1)
    torch.testing.assert_close(encode_words(tower, PROMPTS), expected, rtol=0, atol=1e-5)


def test_image_is_what_the_library_computes(tower):
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        expected = tower.model.encode_image(pixels, normalize=True)
        torch.testing.assert_close(tower.encode_image(pixels), expected)


def test_facts(tower):
    assert (tower.embed_dim, tower.preprocessing.size) == (32, (32, 32))
    assert tower.preprocessing.mean == open_clip.OPENAI_DATASET_MEAN
    assert not any(parameter.requires_grad for parameter in tower.parameters())


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_local_checkpoints(tower, tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    state = {name: tensor.contiguous() for name, tensor in tower.model.state_dict().items()}
    save_file(state, path) if suffix == ".safetensors" else torch.save({"state_dict": state}, path)
    again = OpenCLIPBackbone(TINY_CLIP, pretrained=str(path))
    assert again.text_fingerprint() == tower.text_fingerprint()


def test_local_dir(tower, tmp_path):
    config = {"model_cfg": json.loads(Path(TINY_CLIP).read_text()), "preprocess_cfg": {"mean": [0.1, 0.2, 0.3]}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    save_file(dict(tower.model.state_dict()), tmp_path / "open_clip_model.safetensors")
    again = OpenCLIPBackbone(f"local-dir:{tmp_path}")
    assert again.text_fingerprint() == tower.text_fingerprint()
    assert again.preprocessing.mean == (0.1, 0.2, 0.3)


def test_hf_hub(tower, tmp_path, monkeypatch):
    """The library's own path for hub names, with the two files it would download."""
    config = {"model_cfg": json.loads(Path(TINY_CLIP).read_text())}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    save_file(dict(tower.model.state_dict()), tmp_path / "open_clip_model.safetensors")

    def download(repo_id, filename, **_):
        assert repo_id == "org/repo"
        return str(tmp_path / filename)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: None)
    monkeypatch.setattr("open_clip.pretrained.hf_hub_download", download)
    assert OpenCLIPBackbone("hf-hub:org/repo").text_fingerprint() == tower.text_fingerprint()
    (tmp_path / "open_clip_model.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"weights of 'hf-hub:org/repo' .* could not be fetched"):
        OpenCLIPBackbone("hf-hub:org/repo")


def test_fingerprint_sees_text_weights_and_only_them(tower):
    before = tower.text_fingerprint()
    with torch.no_grad():
        tower.model.visual.proj.add_(1)
        assert tower.text_fingerprint() == before
        tower.model.ln_final.bias[0] += 1e-7
    assert tower.text_fingerprint() != before


def test_fingerprint_sees_the_tokenizer(tower):
    before = tower.text_fingerprint()
    tower.tokenizer = open_clip.SimpleTokenizer(context_length=16, clean="whitespace")
    assert tower.text_fingerprint() != before


@pytest.mark.parametrize("precision", ["bf16", "fp16", "fp32", "pure_bf16", "pure_fp16"])
def test_any_precision_gives_float32_features(precision):
    tower = OpenCLIPBackbone(TINY_CLIP, precision=precision)
    for features in (encode_words(tower, PROMPTS), tower.encode_image(torch.randn(3, 3, 32, 32))):
        assert features.dtype == torch.float32
        torch.testing.assert_close(features.norm(dim=1), torch.ones(3))


def test_fingerprint_sees_what_is_no_tensor(tower, tmp_path):
    """The same weights with another activation or number of heads are another text tower."""
    torch.save({"state_dict": tower.model.state_dict()}, tmp_path / "weights.pt")
    weights = str(tmp_path / "weights.pt")
    architecture = json.loads(Path(TINY_CLIP).read_text())
    architecture["text_cfg"]["heads"] = 4
    (tmp_path / "four-heads.json").write_text(json.dumps(architecture))
    others = [
        OpenCLIPBackbone(TINY_CLIP, weights, quick_gelu=True),
        OpenCLIPBackbone(str(tmp_path / "four-heads.json"), weights),
    ]
    assert len({backbone.text_fingerprint() for backbone in (tower, *others)}) == 3


@pytest.mark.parametrize("text", ["not json", "[]", '{"embed_dim": 4}'])
def test_a_file_that_is_no_architecture(tmp_path, text):
    (tmp_path / "arch.json").write_text(text)
    with pytest.raises(WeightsError, match="open_clip architecture"):
        OpenCLIPBackbone(str(tmp_path / "arch.json"))


def test_says_that_weights_are_random(caplog):
    OpenCLIPBackbone(TINY_CLIP)
    assert "random weights" in caplog.text


@pytest.mark.parametrize(
    ("name", "tag", "says"),
    [
        ("ViT-B16", None, "did you mean 'ViT-B-16'"),
        ("ViT-B-16", "opnai", "did you mean 'openai'"),
        ("/nowhere/model.json", None, "No open_clip architecture file"),
        ("local-dir:/nowhere", None, "could not be fetched"),
    ],
)
def test_unknown_names(name, tag, says):
    with pytest.raises(WeightsError, match=says):
        OpenCLIPBackbone(name, pretrained=tag)


def test_no_network(monkeypatch):
    def fail(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)
    with pytest.raises(WeightsError, match=r"could not be fetched .*Name or service.*local checkpoint file"):
        OpenCLIPBackbone("RN50", pretrained="openai")


def test_checkpoint_of_another_architecture(tmp_path):
    torch.save({"state_dict": {"visual.conv1.weight": torch.ones(1)}}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="does not fit 'tiny-clip' or cannot be read") as error:
        OpenCLIPBackbone(TINY_CLIP, pretrained=str(tmp_path / "other.pt"))
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_checkpoint(tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"not a checkpoint")
    with pytest.raises(WeightsError, match="cannot be read"):
        OpenCLIPBackbone(TINY_CLIP, pretrained=str(tmp_path / "broken.safetensors"))


class _Runs:
    """A pickle that would run code."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_checkpoint_cannot_run_code(tmp_path, monkeypatch, place):
    """Not even where the environment asks PyTorch to let checkpoints do so."""
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    config = {"model_cfg": json.loads(Path(TINY_CLIP).read_text())}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    torch.save({"state_dict": _Runs(tmp_path / "ran")}, tmp_path / "open_clip_pytorch_model.bin")
    file = str(tmp_path / "open_clip_pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"[Ww]eights.only"):
        OpenCLIPBackbone(TINY_CLIP, file) if place == "file" else OpenCLIPBackbone(f"local-dir:{tmp_path}")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("precision", ["fp61", "amp", 16])
def test_precisions_that_open_clip_would_take_for_float32(precision):
    with pytest.raises(ConfigError, match=f"precision is {precision!r}; (did you mean|known).*'?fp16"):
        OpenCLIPBackbone(TINY_CLIP, precision=precision)


@pytest.mark.parametrize("tag", ["opnai", "laion"])
def test_a_misspelt_tag_of_weights_that_are_not_read(tag):
    with pytest.raises(WeightsError, match=f"'{tag}' is neither a file nor a pretrained tag"):
        OpenCLIPBackbone("ViT-B-16", tag, load_weights=False)
