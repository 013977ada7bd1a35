"""Text features in batches, shared by any number of processes, and the texts that a tokenizer cuts without a word.

WordNet prompts average 6-8 tokens, yet CLIP pads all of them to 77, and about half of the 6-8 are the template's. In
a causal tower nothing behind the end token can matter, and what prompts have in common need be computed only once:
prompts that share a row, as :mod:`mmneglabel.backbones.packing` lays it out, are exact and many times as fast.
"""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from mmneglabel.backbones.base import VisionLanguageBackbone, check_embeddings, inference, unit
from mmneglabel.backbones.packing import pack, plan_rows
from mmneglabel.corpus.prompts import fill

_SHARE = 256  # prompts: fewer are tokenised sooner than sent


def encode_prompts(
    backbone: VisionLanguageBackbone,
    prompts: Sequence[str],
    *,
    batch_size: int = 256,
    rank: int = 0,
    world_size: int = 1,
    rows_on_all: Callable[[Tensor], Tensor] | None = None,
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
        rows_on_all: gives each process the rows (n, L) of all, one process after another; each then tokenises its
            share alone. None lets each tokenise everything.
        progress: called with the number of prompts done after each batch.
    """
    tokens = _tokens(backbone, prompts, rank, world_size, rows_on_all)
    rows, embeddings = _plan(backbone, tokens, batch_size)[rank::world_size], []
    with inference(backbone):
        for batch in rows:
            embeddings.append(check_embeddings(backbone, _embed(backbone, tokens[batch]), len(batch)).float())
            if progress is not None:
                progress(len(batch))
    features = torch.zeros(len(prompts), backbone.embed_dim)
    if rows:
        features[torch.cat(rows)] = torch.cat(embeddings).cpu()  # one transfer: a GPU waits for each
    return features


def _tokens(
    backbone: VisionLanguageBackbone,
    prompts: Sequence[str],
    rank: int,
    world_size: int,
    rows_on_all: Callable[[Tensor], Tensor] | None,
) -> Tensor:
    """Token ids (N, L) of all prompts, on which the plan depends; a share of them, if there are enough, found here."""
    if rows_on_all is None or world_size == 1 or len(prompts) < _SHARE * world_size:
        return backbone.tokenize(prompts)
    first, last = (len(prompts) * number // world_size for number in (rank, rank + 1))
    mine = backbone.tokenize(prompts[first:last])
    return rows_on_all(mine.int()).to(mine.dtype)  # half the bytes on their way


def _plan(backbone: VisionLanguageBackbone, tokens: Tensor, batch_size: int) -> list[Tensor]:
    """Which prompts each forward pass takes: depends on the prompts alone, however many processes share them."""
    if backbone.packer is not None:
        return plan_rows(tokens, backbone.packer.lengths(tokens), batch_size)
    return list(torch.arange(len(tokens)).split(batch_size)) if len(tokens) else []


def _embed(backbone: VisionLanguageBackbone, tokens: Tensor) -> Tensor:
    """Raw text embeddings (P, D) of one batch of the plan, token ids (P, L) on the CPU."""
    if backbone.packer is not None:
        return backbone.packer.embed(pack(tokens, backbone.packer.lengths(tokens)).to(backbone.device))
    return backbone.embed_text(tokens.to(backbone.device))


def encode_words(
    backbone: VisionLanguageBackbone, words: Sequence[str], templates: Sequence[str] = ("{}",), **options: Any
) -> Tensor:
    """Unit-norm text features (N, D) of ``words``: the mean of the raw embeddings over ``templates``, at unit norm.

    ``options`` are those of :func:`encode_prompts`, without sharing among processes.
    """
    return unit(embed_words(backbone, words, templates, **options))


def embed_words(
    backbone: VisionLanguageBackbone, words: Sequence[str], templates: Sequence[str], **options: Any
) -> Tensor:
    """The mean (N, D) over ``templates`` of the raw embeddings; one process's share of it, if they share.

    Averaged before the norm is made one, as in the code of CSP and NegRefine: a prompt that the tower is less sure
    of weighs less.
    """
    each = (encode_prompts(backbone, [fill(template, word) for word in words], **options) for template in templates)
    return reduce(Tensor.add_, each).div_(len(templates))  # in place: a corpus's features are large


def cut_texts(tokenize: Callable[[Sequence[str]], Tensor], texts: Sequence[str]) -> list[int]:
    """Numbers of the texts that lose letters at their end, by a tower's ``tokenize`` of which nothing is assumed.

    Words behind a text that is full to the last token change nothing. If it is cut, neither do fewer letters in its
    last word.
    """
    if not texts:
        return []
    # A token is a byte at least, and no tokenizer adds more than six: spares asking about the short ones.
    room = tokenize(texts[:1]).shape[1] - 6
    if not (long := [number for number, text in enumerate(texts) if len(text.encode()) > room]):
        return []
    asked = [texts[number] for number in long]
    full = (tokenize(asked) == tokenize([f"{text} and so on" for text in asked])).all(1).tolist()
    return [n for n, text, is_full in zip(long, asked, full, strict=True) if is_full and _is_cut(tokenize, text)]


def _is_cut(tokenize: Callable[[Sequence[str]], Tensor], text: str) -> bool:
    """Whether the tokens of a full text are those of the text with fewer letters in its last word."""
    if (last := re.search(r"\w+(?=\W*$)", text)) is None:
        return False
    ids = tokenize([text, *(text[: last.start() + kept] for kept in range(len(last[0])))])
    return bool((ids[1:] == ids[0]).all(1).any())
