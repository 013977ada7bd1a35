"""Small models of transformers with random weights, with tokenizers of whole words and letters."""

import json

import tokenizers
import torch
import transformers

PROMPTS = ["a", "the nice dog", "the nice dogs", "This is a photo of many things that goes on and on and on and on"]

# Special tokens by their ids, and where they stand. Text towers read some of these by number.
BERT = (("[PAD]", "[UNK]", "[CLS]", "[SEP]"), "[CLS] $A [SEP]")
CLIP = (("<|startoftext|>", "<|endoftext|>"), "<|startoftext|> $A <|endoftext|>")
T5 = (("<pad>", "</s>", "<unk>"), "$A </s>")
XLM = (("<s>", "<pad>", "</s>", "<unk>"), "<s> $A </s>")
_NAMES = {"pad": ("[PAD]", "<pad>"), "unk": ("[UNK]", "<unk>"), "cls": ("[CLS]",), "sep": ("[SEP]",),
          "bos": ("<s>", "<|startoftext|>"), "eos": ("</s>", "<|endoftext|>")}  # fmt: skip

_TEXT = {"vocab_size": 96, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
_IMAGE = {k: v for k, v in _TEXT.items() if k != "vocab_size"} | {"image_size": 32, "patch_size": 8}
_CLIP_TEXT = {**_TEXT, "bos_token_id": 78, "eos_token_id": 79, "pad_token_id": 79, "max_position_embeddings": 20}
_BLOCKS = {
    "kernel_sizes": [3, 3], "in_channels": [32, 16], "out_channels": [16, 24], "strides": [1, 2], "hidden_dim": 24,
    "expand_ratios": [1, 2], "depthwise_padding": [], "num_block_repeats": [1, 1], "width_coefficient": 1.0,
    "depth_coefficient": 1.0,
}  # fmt: skip
_GROUPS = {"depths": [1, 1, 1], "num_group_tokens": [8, 4, 0], "num_output_groups": [8, 4, 4], "num_attention_heads": 2}
CONFIGS = {
    "align": lambda: transformers.AlignConfig(
        text_config=_TEXT, vision_config={"image_size": 600, **_BLOCKS}, projection_dim=24
    ),
    "altclip": lambda: transformers.AltCLIPConfig(
        text_config={**_TEXT, "project_dim": 20, "pad_token_id": 1}, vision_config=_IMAGE, projection_dim=24
    ),
    "clip": lambda: transformers.CLIPConfig(text_config=_CLIP_TEXT, vision_config=_IMAGE, projection_dim=24),
    "groupvit": lambda: transformers.GroupViTConfig(
        text_config=_CLIP_TEXT, vision_config={**_IMAGE, **_GROUPS}, projection_dim=24, projection_intermediate_dim=40
    ),
    "siglip": lambda: transformers.SiglipConfig(
        text_config={**_TEXT, "max_position_embeddings": 64, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 1},
        vision_config=_IMAGE,
    ),
}
TOKENIZERS = {"align": BERT, "altclip": XLM, "clip": CLIP, "groupvit": CLIP, "siglip": T5}
_CLIP_PIXELS = {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": 32}
PIXELS = {
    "align": {
        "image_processor_type": "EfficientNetImageProcessor", "size": {"height": 60, "width": 60}, "crop_size": 48,
        "do_center_crop": True, "do_normalize": False, "include_top": False, "resample": 2, "rescale_factor": 1 / 127.5,
        "rescale_offset": True,
    },
    "altclip": _CLIP_PIXELS,
    "clip": _CLIP_PIXELS,
    "groupvit": _CLIP_PIXELS,
    "siglip": {
        "image_processor_type": "SiglipImageProcessor", "size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
    },
}  # fmt: skip


def write_tokenizer(folder, special, template):
    """Save one whose special tokens have the first ids, or CLIP's the last of 80."""
    words = sorted({word for prompt in PROMPTS for word in prompt.split()} | set("abcdefghijklmnopqrstuvwxyz"))
    fillers = [f"filler{number}" for number in range(80 - len(words) - len(special))]
    ordered = [*words, *fillers, *special] if special == CLIP[0] else [*special, *words, *fillers]
    roles = {f"{role}_token": token for role, names in _NAMES.items() for token in names if token in special}
    if special == CLIP[0]:
        roles |= {"unk_token": special[1], "pad_token": special[1]}
    vocabulary = {token: number for number, token in enumerate(ordered)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=roles["unk_token"]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    around = [(token, vocabulary[token]) for token in template.split() if token != "$A"]
    made.post_processor = tokenizers.processors.TemplateProcessing(single=template, special_tokens=around)
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, **roles).save_pretrained(folder)
    return str(folder)


def write_model(folder, family):
    """Save a model of a family with its tokenizer and image processor; weights large enough to tell texts apart."""
    torch.manual_seed(0)
    model = transformers.AutoModel.from_config(CONFIGS[family]())
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(std=weights[0].numel() ** -0.5)
    model.save_pretrained(folder)
    write_tokenizer(folder, *TOKENIZERS[family])
    (folder / "preprocessor_config.json").write_text(json.dumps(PIXELS[family]))
    return str(folder)
