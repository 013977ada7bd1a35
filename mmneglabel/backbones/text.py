"""Text features in batches, shared by any number of processes.

WordNet prompts average 6-8 tokens, yet CLIP pads all of them to 77, and about half of the 6-8 are the template's. In
a causal tower nothing behind the end token can matter, and what prompts have in common need be computed only once:
prompts that share a row, as :mod:`mmneglabel.backbones.packing` lays it out, are exact and many times as fast.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from mmneglabel.backbones.base import VisionLanguageBackbone, inference, unit
from mmneglabel.backbones.contract import check_embeddings
from mmneglabel.backbones.packing import pack, plan_rows
from mmneglabel.corpus.prompts import fill


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
        batch_size: the most prompts of a forward pass.
        rank: which share of the batches to encode.
        world_size: how many processes share the batches. The rows of the others' batches stay zero, so that
            the sum over all ranks is the full result, bit for bit.
        progress: called with the number of prompts done after each batch.
    """
    tokens = backbone.tokenize(prompts)
    features = torch.zeros(len(prompts), backbone.embed_dim)
    with inference(backbone):
        for rows in _plan(backbone, tokens, batch_size)[rank::world_size]:
            embeddings = check_embeddings(backbone, _embed(backbone, tokens[rows]), len(rows))
            features[rows] = embeddings.float().cpu()
            if progress is not None:
                progress(len(rows))
    return features


def _plan(backbone: VisionLanguageBackbone, tokens: Tensor, batch_size: int) -> list[Tensor]:
    """Which prompts each forward pass takes: depends on the prompts alone, however many processes share them."""
    if backbone.packs_text:
        return plan_rows(tokens, backbone.text_lengths(tokens), batch_size)
    return list(torch.arange(len(tokens)).split(batch_size)) if len(tokens) else []


def _embed(backbone: VisionLanguageBackbone, tokens: Tensor) -> Tensor:
    """Raw text embeddings (P, D) of one batch of the plan, token ids (P, L) on the CPU."""
    if backbone.packs_text:
        return backbone.embed_packed(pack(tokens, backbone.text_lengths(tokens)).to(backbone.device))
    return backbone.embed_tokens(tokens.to(backbone.device))


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
