"""What open_clip computes and what we do, in every architecture it lists; by default one of each kind of text tower.

`MMNEGLABEL_ALL_TOWERS=1` runs the others: all that are small as they are, the rest with two layers. Takes an hour.
"""

import os
import re

import open_clip
import pytest
import torch

pytest.importorskip("transformers")  # towers and tokenizers of the hub's

from small_transformers import PROMPTS

from mmneglabel.backbones import encode_words
from test_backbones.towers import build

# One of each kind of text tower: whether it reads at the largest id, a given one, the last place or a token of its own;
# whether its tokens look to the left alone; whether it is open_clip's or the hub's.
KINDS = (
    "RN50",
    "PE-Core-T-16-384",
    "ViT-L-14-worldwide",
    "MobileCLIP-S1",
    "ViT-B-32-SigLIP2-256",
    "ViT-L-14-CLIPA",
    "coca_ViT-B-32",
    "coca_roberta-ViT-B-32",
    "roberta-ViT-B-32",
    "mt5-base-ViT-B-32",
    "nllb-clip-base",
)
ALL = os.environ.get("MMNEGLABEL_ALL_TOWERS") == "1"
LARGE = re.compile("-[LHgeE]-|-[LX]+L?(-|$|2)|bigG|gopt|SO400M|large|xl|x16|x64")
CASES = [(name, LARGE.search(name) is not None) for name in open_clip.list_models()] if ALL else []


@pytest.mark.parametrize(("name", "shrunk"), CASES or [(name, True) for name in KINDS])
def test_is_what_the_library_computes(name, shrunk, tmp_path, record_property):
    torch.manual_seed(0)
    tower, library = build(name, tmp_path, shrunk)
    pixels = torch.randn(2, 3, *tower.preprocessing.size)
    with torch.no_grad():
        text = library.encode_text(tower.tokenizer(PROMPTS), normalize=True)
        image = library.encode_image(pixels, normalize=True)
        differences = {
            "text": (encode_words(tower, PROMPTS) - text).abs().max().item(),
            "image": (tower.encode_image(pixels) - image).abs().max().item(),
        }
    for key, value in {**differences, "shrunk": shrunk, "packed": tower.packer is not None}.items():
        record_property(key, value)
    assert max(differences.values()) <= 1e-5, differences
    assert torch.cdist(text, text)[0, 1:].min() > 1e-3, "texts that are all alike cannot differ from the library's"
    assert (tower.packer is not None) == is_causal(name)


def is_causal(name):
    """Whether a prompt's embedding depends on nothing behind its end."""
    text = open_clip.get_model_config(name)["text_cfg"]
    return not ("hf_model_name" in text or text.get("no_causal_mask") or text.get("embed_cls"))
