"""Vision-language towers behind one interface: unit image features, unit text features, preprocessing, fingerprint."""

from mmneglabel.backbones.base import VisionLanguageBackbone
from mmneglabel.backbones.open_clip import OpenCLIPBackbone
from mmneglabel.backbones.pixels import normalised
from mmneglabel.backbones.preprocessing import Preprocessing
from mmneglabel.backbones.text import encode_prompts, encode_words

__all__ = [
    "OpenCLIPBackbone",
    "Preprocessing",
    "VisionLanguageBackbone",
    "encode_prompts",
    "encode_words",
    "normalised",
]
