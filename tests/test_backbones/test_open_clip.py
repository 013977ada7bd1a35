"""open_clip's models as towers: the library's own numbers, whatever names them, and one line for each mistake."""

from copy import deepcopy
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


def test_is_what_the_library_computes(tower):
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        texts = normalize(tower.model.encode_text(tower.tokenize(PROMPTS)), dim=-1)
        images = tower.model.encode_image(pixels, normalize=True)
    torch.testing.assert_close(encode_words(tower, PROMPTS), texts, rtol=0, atol=1e-5)
    torch.testing.assert_close(tower.encode_image(pixels), images)
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
    assert again.image_fingerprint() == tower.image_fingerprint()


def test_local_dir(tower, folder):
    again = OpenCLIPBackbone(f"local-dir:{folder(tower.model, preprocess_cfg={'mean': [0.1, 0.2, 0.3]})}")
    assert again.text_fingerprint() == tower.text_fingerprint()
    assert again.preprocessing.mean == (0.1, 0.2, 0.3)


def test_hf_hub(tower, folder, monkeypatch):
    """The library's own path for hub names, with the two files it would download."""
    place = folder(tower.model)

    def download(repo_id, filename, **_):
        assert repo_id == "org/repo"
        return str(place / filename)

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: None)
    monkeypatch.setattr("open_clip.pretrained.hf_hub_download", download)
    assert OpenCLIPBackbone("hf-hub:org/repo").text_fingerprint() == tower.text_fingerprint()
    (place / "open_clip_model.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"weights of 'hf-hub:org/repo' .* could not be fetched"):
        OpenCLIPBackbone("hf-hub:org/repo")


@pytest.mark.parametrize("precision", ["bf16", "fp16", "fp32", "pure_bf16", "pure_fp16"])
def test_any_precision_gives_float32_features(precision):
    tower = OpenCLIPBackbone(TINY_CLIP, precision=precision)
    for features in (encode_words(tower, PROMPTS), tower.encode_image(torch.randn(3, 3, 32, 32))):
        assert features.dtype == torch.float32
        torch.testing.assert_close(features.norm(dim=1), torch.ones(3))


def _changed(change):
    """The tiny tower's two fingerprints, image and text, before and after a change."""
    torch.manual_seed(0)
    tower = OpenCLIPBackbone(TINY_CLIP)
    before = tower.image_fingerprint(), tower.text_fingerprint()
    with torch.no_grad():
        change(tower)
    return [old != new for old, new in zip(before, (tower.image_fingerprint(), tower.text_fingerprint()), strict=True)]


def _assign(path, **values):
    """A change that sets attributes of a module of the tower."""

    def change(tower):
        for name, value in values.items():
            setattr(tower.get_submodule(path), name, value)

    return change


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (lambda tower: tower.train(), [False, False]),
        (lambda tower: tower.model.visual.proj[0, 0].add_(1), [True, False]),
        (lambda tower: tower.model.ln_final.bias[0].add_(1e-7), [False, True]),
        (lambda tower: tower.bfloat16(), [True, True]),
        (lambda tower: tower.model.attn_mask.zero_(), [False, True]),
        (_assign("model.visual", pool_type="avg"), [True, False]),
        (_assign("model", text_pool_type="last"), [False, True]),
        (_assign("model.transformer.resblocks.0.attn", num_heads=4), [False, True]),
        (_assign("model.transformer.resblocks.0.mlp", gelu=open_clip.transformer.QuickGELU()), [False, True]),
        (_assign("model.visual.transformer.resblocks.0.mlp", gelu=open_clip.transformer.QuickGELU()), [True, False]),
        (_assign("", tokenizer=open_clip.SimpleTokenizer(context_length=16, clean="whitespace")), [False, True]),
    ],
)
def test_fingerprints_see_what_decides_their_embeddings_and_only_that(change, differ):
    assert _changed(change) == differ


def test_a_copy_is_on_its_own(tower):
    copy, pixels = deepcopy(tower), torch.zeros(1, 3, 32, 32)
    with torch.no_grad():
        for parameter in copy.parameters():
            parameter.zero_()
        assert not any(features.any() for features in (*copy.local(pixels), encode_words(copy, ["dog"])))
        assert all(features.any() for features in (*tower.local(pixels), encode_words(tower, ["dog"])))


def test_says_that_weights_are_random(caplog):
    OpenCLIPBackbone(TINY_CLIP)
    assert "random weights" in caplog.text


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (("ViT-B16",), "did you mean 'ViT-B-16'"),
        (("ViT-B-16", "opnai"), "did you mean 'openai'"),
        (("/nowhere/model.json",), "No open_clip architecture file"),
        (("local-dir:/nowhere",), "could not be fetched"),
        (("RN50", "openai"), r"could not be fetched .*Name or service.*local checkpoint file"),
        (("{here}/text.json",), "No open_clip architecture file"),
        (("{here}/list.json",), "is no open_clip architecture"),
        (("{here}/part.json",), "is no open_clip architecture"),
        ((TINY_CLIP, "{here}/other.pt"), "does not fit 'tiny-clip' or cannot be read"),
        ((TINY_CLIP, "{here}/broken.safetensors"), "cannot be read"),
        (("ViT-B-16", "opnai", None, "fp32", None, False), "'opnai' is neither a file nor a pretrained tag"),
        (("ViT-B-16", "laion", None, "fp32", None, False), "'laion' is neither a file nor a pretrained tag"),
        ((TINY_CLIP, None, None, "fp61"), "precision is 'fp61'; did you mean 'fp16'"),
        ((TINY_CLIP, None, None, "amp"), "precision is 'amp'; known: "),
        ((TINY_CLIP, None, None, 16), "precision is 16; did you mean .*'fp16'"),
    ],
)
def test_what_cannot_be_built(settings, says, tmp_path):
    for name, text in {"text.json": "not json", "list.json": "[]", "part.json": '{"embed_dim": 4}'}.items():
        (tmp_path / name).write_text(text)
    torch.save({"state_dict": {"visual.conv1.weight": torch.ones(1)}}, tmp_path / "other.pt")
    (tmp_path / "broken.safetensors").write_bytes(b"not a checkpoint")
    placed = [value.replace("{here}", str(tmp_path)) if isinstance(value, str) else value for value in settings]
    with pytest.raises((ConfigError, WeightsError), match=says) as error:
        OpenCLIPBackbone(*placed)
    assert "\n" not in str(error.value)


class _Runs:
    """A pickle that would run code."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_checkpoint_cannot_run_code(folder, monkeypatch, place):
    """Not even where the environment asks PyTorch to let checkpoints do so."""
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    here = folder()
    torch.save({"state_dict": _Runs(here / "ran")}, here / "open_clip_pytorch_model.bin")
    file = str(here / "open_clip_pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"[Ww]eights.only"):
        OpenCLIPBackbone(TINY_CLIP, file) if place == "file" else OpenCLIPBackbone(f"local-dir:{here}")
    assert not (here / "ran").exists()
