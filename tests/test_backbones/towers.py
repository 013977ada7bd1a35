"""Any architecture of open_clip with random weights, with stand-ins for what lies on the hub."""

import json

import open_clip
import transformers
from small_transformers import BERT, T5, XLM, write_tokenizer

from mmneglabel.backbones import OpenCLIPBackbone

# What stands for each tokenizer; all that are not named are of timm's repositories, which have T5's special tokens.
HUB_TOKENIZERS = {
    "bert-base-uncased": BERT,
    "facebook/nllb-200-distilled-1.3B": XLM,
    "facebook/nllb-200-distilled-600M": XLM,
    "facebook/xlm-v-base": XLM,
    "google/mt5-base": T5,
    "google/mt5-xl": T5,
    "roberta-base": XLM,
    "xlm-roberta-base": XLM,
    "xlm-roberta-large": XLM,
}
SMALL = {"num_hidden_layers": 2, "vocab_size": 1000}
HUB_TEXT = {
    "facebook/nllb": lambda: transformers.M2M100Config(encoder_layers=2, decoder_layers=1, vocab_size=1000),
    "google/mt5": lambda: transformers.MT5Config(num_layers=2, num_decoder_layers=1, vocab_size=1000),
    "roberta": lambda: transformers.RobertaConfig(**SMALL),
    "xlm-roberta": lambda: transformers.XLMRobertaConfig(**SMALL),
}
# Image towers of timm that no small machine holds, and such of their kind as it does.
GIANTS = {
    "eva02_enormous_patch14_clip_224": "eva02_large_patch14_clip_224",
    "vit_pe_core_gigantic_patch14_448": "vit_pe_core_large_patch14_336",
}


def few_layers(config):
    """The architecture with two layers a tower; widths, sizes, vocabulary and pooling stay."""
    for tower in (config["vision_cfg"], config["text_cfg"], config.get("multimodal_cfg", {})):
        if "layers" in tower:
            tower["layers"] = [1] * 4 if isinstance(tower["layers"], list) else 2
    if (image := config["vision_cfg"]).get("timm_model_name") in GIANTS:
        image["timm_model_name"] = GIANTS[image["timm_model_name"]]
        if "pe_core" in image["timm_model_name"]:
            image["image_size"] = 336
    # A table of 900,000 words costs gigabytes, and the stand-in knows forty.
    config["text_cfg"]["vocab_size"] = min(config["text_cfg"].get("vocab_size", 0), 50_000)
    return config


def build(name, folder, shrunk):
    """The tower of an architecture, and the library's own model with the same weights.

    Of text towers of the hub's no more than two layers, whether or not the rest is shrunk.
    """
    config = open_clip.get_model_config(name)
    text, tokenizer = config["text_cfg"], None
    # Left out, ours would be what all published weights want, and the library's, without weights, what stands here.
    gelu = bool(config.get("quick_gelu"))
    if hub := text.get("hf_tokenizer_name"):
        tokenizer = write_tokenizer(folder, *HUB_TOKENIZERS.get(hub, T5))
    if base := text.get("hf_model_name"):
        next(made for begins, made in HUB_TEXT.items() if base.startswith(begins))().save_pretrained(folder)
        text["hf_model_name"] = str(folder)
    if shrunk or base:
        # A name of its own: open_clip would take it for the built-in one from then on.
        file = folder / "own.json"
        file.write_text(json.dumps(few_layers(config) if shrunk else config))
        tower, name = OpenCLIPBackbone(str(file), quick_gelu=gelu, tokenizer=tokenizer), "own"
    else:
        tower = OpenCLIPBackbone(name, quick_gelu=gelu, tokenizer=tokenizer)
    library = open_clip.create_model(name, pretrained_text=False).eval()
    library.load_state_dict(tower.model.state_dict())
    return tower, library
