"""Vision-language towers behind one interface: unit image features, unit text features, preprocessing, fingerprint."""

from mmneglabel.backbones.base import VisionLanguageBackbone
from mmneglabel.backbones.hf import TransformersBackbone
from mmneglabel.backbones.open_clip import OpenCLIPBackbone
from mmneglabel.backbones.parts import Part, part_of
from mmneglabel.backbones.pixels import Preprocessing, normalised
from mmneglabel.backbones.text import cut_texts, encode_prompts, encode_words

__all__ = [
    "OpenCLIPBackbone",
    "Part",
    "Preprocessing",
    "TransformersBackbone",
    "VisionLanguageBackbone",
    "cut_texts",
    "encode_prompts",
    "encode_words",
    "normalised",
    "part_of",
]
