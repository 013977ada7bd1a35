"""Pixels and activation are those of the weights, whichever way they come."""

import numpy as np
import open_clip
import pytest
import torch
from paths import ROOT, TINY_CLIP
from PIL import Image

from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.errors import ConfigError, WeightsError

CLIP_MEAN, IMAGENET_MEAN = (0.48145466, 0.4578275, 0.40821073), (0.485, 0.456, 0.406)
HALF, NOTHING = (0.5,) * 3, (0.0,) * 3
# What each family's model card says: mean, filter, resize mode, QuickGELU.
PUBLISHED = {
    ("ViT-B-16-SigLIP", "webli"): (HALF, "bicubic", "squash", False),
    ("ViT-SO400M-14-SigLIP2", "webli"): (HALF, "bicubic", "squash", False),
    ("ViT-L-14-CLIPA", "datacomp1b"): (IMAGENET_MEAN, "bilinear", "squash", False),
    ("MobileCLIP-S1", "datacompdr"): (NOTHING, "bilinear", "shortest", False),
    ("MobileCLIP2-S3", "dfndr2b"): (CLIP_MEAN, "bilinear", "shortest", False),
    ("PE-Core-B-16", "meta"): (HALF, "bilinear", "squash", False),
    ("ViT-H-14", "dfn5b"): (CLIP_MEAN, "bicubic", "squash", True),
    ("ViT-L-14", "laion2b_s32b_b82k"): (HALF, "bicubic", "shortest", False),
    ("ViT-B-16", "openai"): (CLIP_MEAN, "bicubic", "shortest", True),
    ("RN50", "openai"): (CLIP_MEAN, "bicubic", "shortest", True),
}
AMBIGUOUS = ("ViT-H-14", "ViT-L-14", "ViT-B-16")


@pytest.fixture
def facts_of(monkeypatch):
    """The tower that any name builds is the tiny one, but for its facts, and what weights it was given are not read."""
    create, made = open_clip.create_model, {}

    def tiny(name, pretrained, load_weights, quick_gelu=False, **options):
        made["quick_gelu"] = quick_gelu
        return create("tiny-clip", pretrained=None, load_weights=False, **options)

    open_clip.add_model_config(TINY_CLIP)
    tokenizer = open_clip.get_tokenizer("tiny-clip")
    monkeypatch.setattr("open_clip.create_model", tiny)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda *_, **__: None)
    monkeypatch.setattr("mmneglabel.backbones.open_clip.load_tokenizer", lambda *_: tokenizer)

    def build(name, *args, **kwargs):
        pixels = OpenCLIPBackbone(name, *args, **kwargs).preprocessing
        return pixels.mean, pixels.interpolation, pixels.resize_mode, made["quick_gelu"]

    return build


@pytest.fixture
def weights(tmp_path):
    (tmp_path / "weights.pt").touch()
    return str(tmp_path / "weights.pt")


@pytest.mark.parametrize(("model", "expected"), PUBLISHED.items(), ids=lambda value: " ".join(map(str, value)))
def test_the_same_facts_by_tag_by_checkpoint_and_by_file(facts_of, weights, model, expected, caplog):
    name, tag = model
    assert facts_of(name, tag) == expected
    assert facts_of(name, tag, load_weights=False) == expected
    assert facts_of(name, weights, preprocess=tag) == expected
    assert facts_of(name, weights, preprocess=tag, load_weights=False) == expected
    assert facts_of(name, preprocess=tag) == expected
    assert not any("published tags" in line for line in caplog.messages)
    if name in AMBIGUOUS:
        for given in ({"pretrained": weights}, {"pretrained": "elsewhere/weights.pt", "load_weights": False}):
            with pytest.raises(ConfigError, match=rf"{name}.* differ \(.*backbone.preprocess .*{tag}"):
                facts_of(name, **given)
        with pytest.raises(ConfigError, match=r"The checkpoint's weights may be of any published tag"):
            facts_of(name, load_weights=False)
        return
    assert facts_of(name, weights) == expected
    assert sum("published tags" in line for line in caplog.messages) == 1
    assert facts_of(name) == facts_of(name, load_weights=False) == expected


def test_what_a_user_says_settles_what_tags_leave_open(facts_of, weights):
    assert facts_of("ViT-B-16", weights, quick_gelu=True) == PUBLISHED["ViT-B-16", "openai"]
    assert facts_of("ViT-B-16", weights, quick_gelu=False)[-1] is False
    with pytest.raises(ConfigError, match=r"those differ \(mean: .*std: "):
        facts_of("ViT-L-14", weights, quick_gelu=True)
    pixels = {"mean": HALF, "std": HALF}
    assert facts_of("ViT-L-14", weights, quick_gelu=False, preprocess=pixels) == (HALF, "bicubic", "shortest", False)
    assert facts_of("ViT-B-16-SigLIP", "webli", preprocess={"resize_mode": "longest"})[2] == "longest"


def test_quick_gelu_can_be_turned_off(architecture):
    """open_clip alone can only force it on."""
    name = architecture(quick_gelu=True)
    for given, expected in ((None, True), (False, False)):
        modules = OpenCLIPBackbone(name, quick_gelu=given).modules()
        assert any(type(module).__name__ == "QuickGELU" for module in modules) == expected


def test_an_architecture_without_tags_is_clip(facts_of, weights):
    assert facts_of("ViT-B-16-plus", weights) == (CLIP_MEAN, "bicubic", "shortest", False)


@pytest.mark.parametrize(
    ("preprocess", "error", "says"),
    [
        ("opnai", WeightsError, "did you mean 'openai'"),
        ({"interpolaton": "bicubic"}, ConfigError, "did you mean 'interpolation'"),
        ({"resize_mode": "squish"}, ConfigError, "did you mean 'squash'"),
        ({"interpolation": "cubic"}, ConfigError, "did you mean 'bicubic'"),
        ({"mean": [123.675, 116.28, 103.53]}, ConfigError, r"mean must be three numbers in \[0, 1\].* by 255; got"),
        ({"std": 0}, ConfigError, "std must be three numbers"),
        ({"std": [0.5, 0.5, float("nan")]}, ConfigError, "std must be three numbers"),
        (["openai"], ConfigError, "backbone.preprocess is"),
    ],
)
def test_facts_that_cannot_be(facts_of, preprocess, error, says):
    with pytest.raises(error, match=says):
        facts_of("ViT-B-32", preprocess=preprocess)


def test_an_architecture_file_says_its_own(architecture):
    name = architecture(preprocess_cfg={"std": [0.1] * 3, "resize_mode": "squash"})
    pixels = OpenCLIPBackbone(name).preprocessing
    assert (pixels.mean, pixels.std, pixels.resize_mode) == (CLIP_MEAN, (0.1,) * 3, "squash")
    overruled = OpenCLIPBackbone(name, preprocess={"std": HALF}, load_weights=False)
    assert (overruled.preprocessing.std, overruled.preprocessing.resize_mode) == (HALF, "squash")
    with pytest.raises(ConfigError, match=r"preprocess_cfg in .*own.json.* has no 'maen'; did you mean 'mean'"):
        OpenCLIPBackbone(architecture(preprocess_cfg={"maen": [0, 0, 0]}))


def test_a_folder_says_its_own_unless_the_user_does(folder):
    name = f"local-dir:{folder(preprocess_cfg={'resize_mode': 'squash'})}"
    pixels = OpenCLIPBackbone(name, load_weights=False, preprocess={"mean": HALF}).preprocessing
    assert (pixels.mean, pixels.resize_mode) == (HALF, "squash")
    with pytest.raises(ConfigError, match="has no pretrained tags"):
        OpenCLIPBackbone(name, load_weights=False, preprocess="openai")
    with pytest.raises(WeightsError, match="brings its own weights"):
        OpenCLIPBackbone(name, "weights.pt")


def test_the_demo_in_plain_python_knows_an_ant():
    demo = ROOT / "demo"
    tower = OpenCLIPBackbone(str(demo / "mmneglabel-demo.json"), str(demo / "mmneglabel-demo.safetensors"))
    assert tower.preprocessing == OpenCLIPBackbone(str(demo / "mmneglabel-demo.json"), load_weights=False).preprocessing
    names = (demo / "class_names.txt").read_text().split("\n")[:-1]
    picture = Image.open(next((demo / "pictures/animals/ant").iterdir())).convert("RGB")
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1) / 255
    mean, std = (torch.tensor(values)[:, None, None] for values in (tower.preprocessing.mean, tower.preprocessing.std))
    cosines = tower.encode_image(((pixels - mean) / std)[None]) @ encode_words(tower, names).T
    assert names[int(cosines.argmax())] == "ant"
