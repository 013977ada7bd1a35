"""Random images against random texts."""

import torch
from torch.nn.functional import normalize

from mmneglabel.scores import Similarities, TextFeatures


def unit(count, seed=0, width=16, dtype=torch.float32):
    """``count`` random unit vectors, drawn in float64."""
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(count, width, generator=generator, dtype=torch.float64), dim=-1).to(dtype)


def compared(images=5, labels=4, negatives=0, dtype=torch.float32):
    """That many of each."""
    texts = TextFeatures(unit(labels, 1, dtype=dtype), unit(negatives, 2, dtype=dtype) if negatives else None)
    return Similarities(unit(images, 0, dtype=dtype), texts)


def fan(angles):
    """Images between a label, at 0, and a negative, at a right angle."""
    axes = torch.eye(2, dtype=angles.dtype)
    return Similarities(torch.stack([angles.cos(), angles.sin()], dim=1), TextFeatures(axes[:1], axes[1:]))
