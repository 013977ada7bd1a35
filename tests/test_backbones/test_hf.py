"""Models of transformers as towers: the library's numbers, open_clip's of the same weights, and one line a mistake."""

import shutil
import sys

import pytest
import torch
from torch.nn.functional import normalize

from mmneglabel.backbones import OpenCLIPBackbone, TransformersBackbone, encode_words
from mmneglabel.errors import ConfigError, WeightsError

transformers = pytest.importorskip("transformers", reason="needs transformers: pip install 'mmneglabel[hf]'")
from small_transformers import CLIP, CONFIGS, PROMPTS, T5, write_model, write_tokenizer  # noqa: E402

FACTS = {"size": (32, 32), "mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bicubic", "resize_mode": "squash"}
# As each model's own processor pads, and what of that its documentation hands to the model.
BY_HAND = {
    "align": ({"padding": "max_length", "max_length": 64}, ["input_ids", "attention_mask"]),
    "altclip": ({"padding": True}, ["input_ids", "attention_mask"]),
    "clip": ({"padding": True, "truncation": True, "max_length": 20}, ["input_ids", "attention_mask"]),
    "groupvit": ({"padding": True, "truncation": True, "max_length": 20}, ["input_ids", "attention_mask"]),
    "siglip": ({"padding": "max_length", "max_length": 64}, ["input_ids"]),
}


@pytest.fixture(scope="module", params=BY_HAND)
def family(request):
    return request.param


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The folder of a family's small model, written once."""
    root = tmp_path_factory.mktemp("models")
    return {name: write_model(root / name, name) for name in CONFIGS}


def pooled(output):
    return getattr(output, "pooler_output", output)


def test_is_what_the_library_computes(family, models):
    tower, model = TransformersBackbone(models[family]), transformers.AutoModel.from_pretrained(models[family]).eval()
    padding, handed = BY_HAND[family]
    asked = transformers.AutoTokenizer.from_pretrained(models[family])(
        [prompt.lower() if family == "siglip" else prompt for prompt in PROMPTS], return_tensors="pt", **padding
    )
    pixels = torch.randn(2, 3, *tower.preprocessing.size)
    with torch.no_grad():
        texts = normalize(pooled(model.get_text_features(**{key: asked[key] for key in handed})), dim=-1)
        images = normalize(pooled(model.get_image_features(pixels)), dim=-1)
    torch.testing.assert_close(encode_words(tower, PROMPTS), texts, rtol=0, atol=1e-5)
    torch.testing.assert_close(tower.encode_image(pixels), images, rtol=0, atol=1e-5)
    assert torch.pdist(texts).min() > 1e-2  # or wrong padding would not be seen
    assert not any(parameter.requires_grad for parameter in tower.parameters())


def test_a_prompts_features_do_not_depend_on_its_batch(family, models):
    """Each batch is cut to its longest prompt, where that changes nothing."""
    tower = TransformersBackbone(models[family])
    alone = torch.cat([encode_words(tower, [prompt]) for prompt in PROMPTS])
    torch.testing.assert_close(alone, encode_words(tower, PROMPTS), rtol=0, atol=1e-5)


def test_tokens_fill_the_context(family, models):
    tower = TransformersBackbone(models[family])
    context = {"align": 64, "altclip": 77, "siglip": 64}.get(family, 20)
    ids = tower.tokenize(["dog", "dog " * 100])
    assert ids.shape == (2, context)
    assert (ids[0, -9:] == tower.tokenizer.pad_token_id).all()


@pytest.mark.parametrize("kind", ["GemmaTokenizer", "PreTrainedTokenizerFast"])
def test_siglips_prompts_are_in_small_letters_and_padded_behind(models, tmp_path, kind):
    """Gemma's tokenizer, which SigLIP 2's files name, keeps capitals and pads in front."""
    write_tokenizer(tmp_path, *T5)
    file = tmp_path / "tokenizer_config.json"
    file.write_text(file.read_text().replace("PreTrainedTokenizerFast", kind).replace("TokenizersBackend", kind))
    tower = TransformersBackbone(models["siglip"], tokenizer=str(tmp_path))
    upper, lower = tower.tokenize(["The NICE Dog", "the nice dog"])
    assert upper.tolist() == lower.tolist()
    assert lower[-1] == tower.tokenizer.pad_token_id != lower[0]


def test_end_tokens_by_largest_id_as_in_clips_first_files(models, tmp_path):
    """They state 2, whatever the id, and read at the largest."""
    config = transformers.AutoConfig.from_pretrained(models["clip"])
    config.text_config.eos_token_id = 2
    model = transformers.AutoModel.from_pretrained(models["clip"], config=config)
    write_tokenizer(tmp_path, *CLIP)
    model.save_pretrained(tmp_path)
    ours = TransformersBackbone(str(tmp_path), preprocess=FACTS)
    assert ours.model.config.text_config.eos_token_id == 2
    torch.testing.assert_close(encode_words(ours, PROMPTS), encode_words(TransformersBackbone(models["clip"]), PROMPTS))


# open_clip's names of a block's weights, and transformers'.
LAYER = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
         "attn.out_proj": "self_attn.out_proj"}  # fmt: skip
OUTSIDE = {
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "ln_final.weight": "text_model.final_layer_norm.weight",
    "ln_final.bias": "text_model.final_layer_norm.bias",
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "visual.ln_pre.weight": "vision_model.pre_layrnorm.weight",
    "visual.ln_pre.bias": "vision_model.pre_layrnorm.bias",
    "visual.ln_post.weight": "vision_model.post_layernorm.weight",
    "visual.ln_post.bias": "vision_model.post_layernorm.bias",
    "logit_scale": "logit_scale",
}


def translated(state):
    """Weights of an open_clip CLIP under transformers' names."""
    found = {}
    for name, value in state.items():
        tower, _, rest = name.partition("transformer.resblocks.")
        if name in OUTSIDE:
            found[OUTSIDE[name]] = value
        elif name in ("text_projection", "visual.proj"):
            found[f"{'visual' if 'visual' in name else 'text'}_projection.weight"] = value.T
        else:
            number, _, part = rest.partition(".")
            layer = f"{'vision' if tower else 'text'}_model.encoder.layers.{number}."
            module, _, kind = part.rpartition(".")
            if "in_proj" in part:
                thirds = zip("qkv", value.chunk(3), strict=True)
                found |= {f"{layer}self_attn.{key}_proj.{kind.split('_')[-1]}": third for key, third in thirds}
            else:
                found[f"{layer}{LAYER[module]}.{kind}"] = value
    return found


@pytest.mark.parametrize("quick_gelu", [False, True])
def test_the_same_weights_in_both_libraries(architecture, tmp_path, quick_gelu, models):
    torch.manual_seed(0)
    text = {"context_length": 20, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    image = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8}
    ours = OpenCLIPBackbone(architecture(vision=image, text=text, embed_dim=24, quick_gelu=quick_gelu))
    sizes = {"hidden_size": 32, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
    sizes |= {"hidden_act": "quick_gelu" if quick_gelu else "gelu", "layer_norm_eps": 1e-5}
    ends = {"bos_token_id": 78, "eos_token_id": 79, "pad_token_id": 79}
    model = transformers.CLIPModel(transformers.CLIPConfig(
        text_config={**sizes, **ends, "vocab_size": 49408, "max_position_embeddings": 20},
        vision_config={**sizes, "image_size": 32, "patch_size": 8}, projection_dim=24,
    ))  # fmt: skip
    model.load_state_dict(translated(ours.model.state_dict()), strict=True)
    model.save_pretrained(tmp_path)
    theirs = TransformersBackbone(str(tmp_path), preprocess=FACTS, tokenizer=models["clip"])
    ours.tokenizer = theirs.tokenize
    torch.testing.assert_close(encode_words(theirs, PROMPTS), encode_words(ours, PROMPTS), rtol=0, atol=1e-5)
    pixels = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        for one, other in zip(
            theirs.encode_image_with_local(pixels), ours.encode_image_with_local(pixels), strict=True
        ):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
        torch.testing.assert_close(theirs.encode_image(pixels), ours.encode_image(pixels), rtol=0, atol=1e-5)


FACTS = {"size": (32, 32), "mean": (0.5,) * 3, "std": (0.5,) * 3, "interpolation": "bicubic", "resize_mode": "squash"}


def test_local_features_where_patches_share_the_texts_space(family, models):
    tower = TransformersBackbone(models[family])
    pixels = torch.randn(2, 3, *tower.preprocessing.size)
    if family not in ("clip", "altclip"):
        with pytest.raises(ConfigError, match="TransformersBackbone has no local image features"):
            tower.encode_image_with_local(pixels)
        return
    with torch.no_grad():
        image, local = tower.encode_image_with_local(pixels)
        torch.testing.assert_close(image, tower.encode_image(pixels))
    assert local.shape == (2, 16, tower.embed_dim)
    assert not any(module._forward_pre_hooks for module in tower.modules())


@pytest.mark.parametrize(("precision", "dtype"), [("fp16", torch.float16), ("bf16", torch.bfloat16)])
def test_any_precision_gives_float32_features(family, models, precision, dtype):
    tower = TransformersBackbone(models[family], precision=precision)
    assert {weights.dtype for weights in tower.parameters()} == {
        {"fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    }
    torch.manual_seed(0)
    whole, pixels = TransformersBackbone(models[family]), torch.randn(3, 3, *tower.preprocessing.size)
    for some, exact in (
        (encode_words(tower, PROMPTS), encode_words(whole, PROMPTS)),
        (tower.encode_image(pixels), whole.encode_image(pixels)),
    ):
        assert some.dtype == torch.float32
        assert (some * exact).sum(1).min() > 0.9  # GroupViT's patches may join other groups


def changed(tower, name):
    """Whether the fingerprints of images and texts change with a weight."""
    before = tower.image_fingerprint(), tower.text_fingerprint()
    with torch.no_grad():
        tower.get_parameter(f"model.{name}").flatten()[0] += 1
    return [old != new for old, new in zip(before, (tower.image_fingerprint(), tower.text_fingerprint()), strict=True)]


def test_fingerprints_see_what_decides_their_embeddings_and_only_that(models):
    tower = TransformersBackbone(models["clip"])
    assert changed(tower, "visual_projection.weight") == [True, False]
    assert changed(tower, "vision_model.post_layernorm.bias") == [True, False]
    assert changed(tower, "text_projection.weight") == [False, True]
    assert changed(tower, "logit_scale") == [False, False]
    again = TransformersBackbone(models["clip"])
    assert again.text_fingerprint() == TransformersBackbone(models["clip"]).text_fingerprint()


def test_without_weights_the_architecture_alone(models, tmp_path, caplog):
    """A checkpoint of the whole model follows: nothing but the configuration has to be there."""
    caplog.set_level("INFO")
    transformers.AutoConfig.from_pretrained(models["clip"]).save_pretrained(tmp_path)
    tower = TransformersBackbone(str(tmp_path), load_weights=False, preprocess=FACTS, tokenizer=models["clip"])
    assert "random weights" in caplog.text
    clip = TransformersBackbone(models["clip"])
    tower.load_state_dict(clip.state_dict())
    torch.testing.assert_close(encode_words(tower, PROMPTS), encode_words(clip, PROMPTS))
    with pytest.raises(WeightsError, match=r"The weights of .* cannot be had"):
        TransformersBackbone(str(tmp_path), preprocess=FACTS, tokenizer=models["clip"])


def test_what_was_fetched_before_must_do_where_the_hub_is_silent(models, tmp_path):
    repository = tmp_path / "models--org--name"
    shutil.copytree(models["clip"], repository / "snapshots" / "0123")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123")
    tower = TransformersBackbone("org/name", cache_dir=str(tmp_path))
    assert tower.text_fingerprint() == TransformersBackbone(models["clip"]).text_fingerprint()


def test_a_model_with_one_tower_is_none(models, tmp_path):
    text = transformers.CLIPTextModel.from_pretrained(models["clip"])
    text.save_pretrained(tmp_path)
    transformers.AutoConfig.from_pretrained(models["clip"]).save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r"lack \d+ that CLIPModel has, such as .*both towers"):
        TransformersBackbone(str(tmp_path), preprocess=FACTS, tokenizer=models["clip"])


def test_a_tokenizer_with_more_words_than_the_tower(models, tmp_path):
    config = transformers.AutoConfig.from_pretrained(models["clip"])
    config.text_config.vocab_size = 9
    config.save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match="ids beyond the text tower's"):
        TransformersBackbone(str(tmp_path), load_weights=False, preprocess=FACTS, tokenizer=models["clip"])


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"precision": "fp61"}, ConfigError, "precision is 'fp61'; did you mean 'fp16'"),
        ({"preprocess": {"maen": 0}}, ConfigError, "backbone.preprocess has no 'maen'; did you mean 'mean'"),
        ({"preprocess": {"resize_mode": "crop"}}, ConfigError, "resize_mode is 'crop'"),
        ({"preprocess": {"size": (64, 64)}}, ConfigError, "takes pictures of 32x32 alone"),
        ({"preprocess": "openai"}, ConfigError, r"preprocess is 'openai': give dict\(mean"),
        ({"tokenizer": "org/none"}, WeightsError, "The tokenizer of 'org/none' cannot be had .*backbone.tokenizer"),
        (
            {"model_name": "org/none"},
            WeightsError,
            "The configuration of 'org/none' cannot be had .*not known.*model_name",
        ),
        ({"model_name": "{here}"}, WeightsError, "The configuration of .* cannot be had"),
        ({"model_name": "{siglip2}"}, ConfigError, "NaFlex SigLIP 2.*fixed resolution"),
        ({"model_name": "{bert}"}, ConfigError, "no models of the type 'bert'.*known: align, altclip"),
    ],
)
def test_what_cannot_be_built(models, tmp_path, settings, error, says, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"waits {seconds} s"))
    if "siglip2" in str(settings) and not hasattr(transformers, "Siglip2Config"):
        pytest.skip("this release of transformers knows no SigLIP 2, and says so")
    for kind in ("siglip2", "bert"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "config.json").write_text(f'{{"model_type": "{kind}"}}')
    places = {"{here}": str(tmp_path), "{siglip2}": str(tmp_path / "siglip2"), "{bert}": str(tmp_path / "bert")}
    given = {"model_name": models["clip"], **settings}
    given["model_name"] = places.get(given["model_name"], given["model_name"])
    with pytest.raises(error, match=says) as raised:
        TransformersBackbone(**given)
    assert "\n" not in str(raised.value)


def test_without_the_library(models, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match=r"needs transformers .*pip install 'mmneglabel\[hf\]'"):
        TransformersBackbone(models["clip"])
