"""The text encoder of the golden vectors: noise seeded by the prompt, averaged over the templates, unit norm."""

import hashlib

import numpy as np
import torch
from torch.nn.functional import normalize

WIDTH = 32


def encode(words, templates=("{}",)):
    """Features (N, 32) of N words, as mining takes them from a text tower."""
    rows = [np.mean([_noise(template.replace("{}", word)) for template in templates], axis=0) for word in words]
    return normalize(torch.from_numpy(np.stack(rows)), dim=-1) if rows else torch.empty(0, WIDTH)


def _noise(prompt):
    seed = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)
