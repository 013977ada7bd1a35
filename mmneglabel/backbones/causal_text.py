"""A walk through open_clip's causal text towers that accepts a trimmed context.

The library's ``encode_text`` adds its whole position table and so wants the full 77 tokens. The walk below is the
same computation on the first L' positions. It is used only for towers it is known to be exact for, and after its
result on a probe batch agreed with the library's own call.
"""

import logging

import open_clip
import torch
from open_clip.transformer import TextTransformer, text_global_pool
from torch import Tensor, nn

_PROBES = ["a", "the nice dog", "This is a remarkably long photo of several very different things"]
_TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 5e-2}


class CausalText:
    """The text tower of a CLIP whose tokens look only to the left, up to any context length.

    Args:
        tower: the module that holds ``token_embedding``, ``transformer`` and so on.
        pool: "argmax" or "eos", how the end token is found.
        end_token: id of the end token.
    """

    def __init__(self, tower: nn.Module, pool: str, end_token: int) -> None:
        self._tower, self._pool, self._end_token = tower, pool, end_token

    def end_positions(self, tokens: Tensor) -> Tensor:
        """Index (N,) of the end token in each row of ``tokens`` (N, L)."""
        if self._pool == "argmax":
            return tokens.argmax(dim=-1)
        return (tokens == self._end_token).int().argmax(dim=-1)

    def __call__(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of ``tokens`` (B, L')."""
        tower, length = self._tower, tokens.shape[1]
        dtype = tower.transformer.get_cast_dtype()
        x = tower.token_embedding(tokens).to(dtype) + tower.positional_embedding[:length].to(dtype)
        x = tower.ln_final(tower.transformer(x, attn_mask=tower.attn_mask[:length, :length]))
        x = text_global_pool(x, tokens, self._pool, eos_token_id=self._end_token)
        projection = tower.text_projection
        if projection is None:
            return x
        return projection(x) if isinstance(projection, nn.Linear) else x @ projection


def causal_text_tower(model: nn.Module, tokenizer: object, reference: Tensor) -> CausalText | None:
    """The trimming walk for ``model``, or None where it would not be exact.

    Args:
        model: an open_clip model.
        tokenizer: its tokenizer.
        reference: the library's own raw embeddings (3, D) of :func:`probe_tokens`.
    """
    walk = _walk(model, tokenizer)
    if walk is None:
        return None
    tokens = probe_tokens(tokenizer)
    trimmed = tokens[:, : int(walk.end_positions(tokens).max()) + 1]
    with torch.no_grad():
        difference = (walk(trimmed) - reference).abs().max() / reference.abs().max()
    if difference <= _TOLERANCE.get(reference.dtype, 0):
        return walk
    logging.getLogger(__name__).warning(
        "Trimmed text encoding differs from open_clip's own by %.1e (relative) on this model: encoding at the full "
        "context length, which is slower but right.",
        difference,
    )
    return None


def probe_tokens(tokenizer: object) -> Tensor:
    """Token ids (3, L) of a short, a usual and a long prompt."""
    return tokenizer(_PROBES)


def _walk(model: nn.Module, tokenizer: object) -> CausalText | None:
    """The walk for the two module layouts of open_clip, gated by tower type."""
    if not isinstance(tokenizer, open_clip.SimpleTokenizer):
        return None  # other tokenizers may mark the end, or pad, differently
    if type(model) is open_clip.CLIP:
        tower, pool, end_token = model, model.text_pool_type, model.text_eos_id
    elif isinstance(text := getattr(model, "text", None), TextTransformer) and text.cls_emb is None:
        tower, pool, end_token = text, text.pool_type, text.eos_id
    else:
        return None
    if tower.attn_mask is None or pool not in ("argmax", "eos") or getattr(tower, "use_pad_mask", False):
        return None
    return CausalText(tower, pool, end_token)
