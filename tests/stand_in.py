"""A stand-in backbone: features are functions of the word or the picture alone, whatever batch they come in."""

import hashlib

import numpy as np
import torch
from mmpretrain.registry import MODELS
from torch import nn

from mmneglabel.backbones import Part, Preprocessing, VisionLanguageBackbone

LENGTH = 32


@MODELS.register_module()
class StandInBackbone(VisionLanguageBackbone):
    def __init__(self, embed_dim=16, size=8, seed=0, broken_images=False, load_weights=True):
        super().__init__()
        self.embed_dim, self.broken_images = embed_dim, broken_images
        self.preprocessing = Preprocessing((size, size), (0.5,) * 3, (0.5,) * 3, "bilinear")
        weight = np.random.default_rng(seed).standard_normal((embed_dim, 3 * size * size))
        self.projection = nn.Parameter(torch.from_numpy(weight), requires_grad=False)
        self.forwards = 0

    def tokenize(self, prompts):
        rows = [hashlib.sha256(prompt.encode()).digest() for prompt in prompts]
        return torch.tensor([list(row) for row in rows], dtype=torch.long).reshape(len(rows), LENGTH)

    def embed_text(self, tokens):
        self.forwards += 1
        return torch.stack([self._text(row.tolist()) for row in tokens])

    def _text(self, row):
        return torch.from_numpy(np.random.default_rng(row).standard_normal(self.embed_dim))

    def embed_image(self, pixels):
        features = torch.stack([(self.projection * image.double().flatten()).sum(1) for image in pixels])
        return features * float("nan") if self.broken_images else features

    def parts(self):
        part = Part({"projection": self.projection}, "stand-in")
        return part, part
