"""Text features in length-sorted, trimmed batches, shared by any number of processes.

WordNet prompts average 6-8 tokens, yet CLIP pads all of them to 77. A causal tower reads the embedding at the
end token, so nothing behind it can matter: sorting by length and cutting each batch to its longest prompt is
exact and an order of magnitude faster.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from mmneglabel.backbones.base import VisionLanguageBackbone, inference, unit
from mmneglabel.corpus.prompts import fill


def plan_batches(lengths: Tensor, batch_size: int) -> list[Tensor]:
    """Row indices of each batch: ``lengths`` (N,) sorted ascending (stable), cut every ``batch_size`` rows.

    The plan depends on the prompts alone, so features are the same however many processes share it.
    """
    return list(torch.argsort(lengths, stable=True).split(batch_size)) if len(lengths) else []


def encode_prompts(
    backbone: VisionLanguageBackbone,
    prompts: Sequence[str],
    *,
    batch_size: int = 256,
    rank: int = 0,
    world_size: int = 1,
    progress: Callable[[int], object] | None = None,
) -> Tensor:
    """Raw text embeddings (N, D) of ``prompts``, float32 on the CPU.

    Args:
        backbone: the towers.
        prompts: N texts.
        batch_size: prompts a forward pass.
        rank: which share of the batches to encode.
        world_size: how many processes share the batches. The rows of the others' batches stay zero, so that
            the sum over all ranks is the full result, bit for bit.
        progress: called with the number of prompts done after each batch.
    """
    tokens = backbone.tokenize(prompts)
    lengths = backbone.text_lengths(tokens)
    features = torch.zeros(len(prompts), backbone.embed_dim)
    with inference(backbone):
        for rows in plan_batches(lengths, batch_size)[rank::world_size]:
            batch = tokens[rows, : int(lengths[rows].max())]
            features[rows] = backbone.embed_tokens(batch.to(backbone.device)).float().cpu()
            if progress is not None:
                progress(len(rows))
    return features


def encode_words(
    backbone: VisionLanguageBackbone, words: Sequence[str], templates: Sequence[str] = ("{}",), **options: Any
) -> Tensor:
    """Unit-norm text features (N, D) of ``words``: the mean of the raw embeddings over ``templates``, at unit norm.

    Args:
        backbone: the towers.
        words: N words.
        templates: prompt templates, ``{}`` standing for the word.
        options: of :func:`encode_prompts`; without sharing among processes.
    """
    return unit(embed_words(backbone, words, templates, **options))


def embed_words(
    backbone: VisionLanguageBackbone, words: Sequence[str], templates: Sequence[str], **options: Any
) -> Tensor:
    """The mean (N, D) over ``templates`` of the raw embeddings; one process's share of it, if they share.

    Averaged before the norm is made one, as in the code of CSP and NegRefine: a prompt that the tower is less sure
    of weighs less.
    """
    total = torch.zeros(len(words), backbone.embed_dim)
    for template in templates:
        total += encode_prompts(backbone, [fill(template, word) for word in words], **options)
    return total / len(templates)
