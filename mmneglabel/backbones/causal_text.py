"""A walk through open_clip's causal text towers that accepts packed prompts.

The library's ``encode_text`` adds its whole position table and so wants one prompt a row, at the full 77 tokens. The
walk below is the same computation with a position and a mask entry for each node. It is used only for towers it is
known to be exact for, and after its result on a probe batch agreed with the library's own call.
"""

import logging

import open_clip
import torch
from open_clip.transformer import TextTransformer
from torch import Tensor, nn

from mmneglabel.backbones.packing import Packed, lengths_to_end, pack, plan_rows

PROBES = ["a", "This is a remarkably long photo of several very different things", "the nice dog", "the nice doghouses"]
"""A short, a long and two usual prompts; the last two share a beginning that is longer than the start token."""

_TOLERANCE = {torch.float32: 1e-4, torch.float16: 1e-2, torch.bfloat16: 5e-2}


class CausalText:
    """The text tower of a CLIP whose tokens look only to the left, for prompts packed into rows.

    Args:
        tower: the module that holds ``token_embedding``, ``transformer`` and so on.
        end_token: id of the end token; None where it is the largest of a prompt.
    """

    def __init__(self, tower: nn.Module, end_token: int | None) -> None:
        self._tower, self._end_token = tower, end_token

    def lengths(self, tokens: Tensor) -> Tensor:
        """How many tokens (N,) of each row of ``tokens`` (N, L) the tower reads."""
        return lengths_to_end(tokens, self._end_token)

    def embed(self, packed: Packed) -> Tensor:
        """Raw text embeddings (P, D) of P prompts that share a row."""
        tower = self._tower
        dtype = tower.transformer.get_cast_dtype()
        x = tower.token_embedding(packed.tokens).to(dtype) + tower.positional_embedding[packed.positions].to(dtype)
        mask = torch.zeros_like(packed.visible, dtype=dtype).masked_fill(~packed.visible, -torch.inf)
        x = tower.transformer(x[None], attn_mask=mask)[0]
        # Of the layers behind the transformer none mixes tokens: they are spared the nodes that nobody reads.
        x = tower.ln_final(x[packed.ends])
        projection = tower.text_projection
        if projection is None:
            return x
        return projection(x) if isinstance(projection, nn.Linear) else x @ projection

    def __call__(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (N, D) of ``tokens`` (N, L'), at least one prompt, in as few rows as hold them."""
        tokens, device = tokens.cpu(), tokens.device
        lengths = self.lengths(tokens)
        rows = plan_rows(tokens, lengths, batch_size=len(tokens))
        embedded = torch.cat([self.embed(pack(tokens[r], lengths[r]).to(device)) for r in rows])
        return embedded[torch.cat(rows).argsort()]


def causal_text(model: nn.Module, tokens: Tensor, reference: Tensor) -> CausalText | None:
    """The packing walk for an open_clip model, or None where it would not be exact.

    On ``tokens`` (P, L) of `PROBES` it must give ``reference`` (P, D), the library's own raw embeddings of them.
    """
    walk = _walk(model)
    if walk is None:
        return None
    with torch.no_grad():
        difference = (walk(tokens) - reference).abs().max() / reference.abs().max()
    if difference <= _TOLERANCE.get(reference.dtype, 0):
        return walk
    logging.getLogger(__name__).warning(
        "Packed text encoding differs from open_clip's own by %.1e (relative) on this model: encoding each prompt at "
        "the full context length, which is slower but right.",
        difference,
    )
    return None


def _walk(model: nn.Module) -> CausalText | None:
    """The walk for the two module layouts of open_clip, gated by tower type.

    Whatever tokenizer there is: what the tower reads is found by the tower's own rule, and nothing behind it matters.
    """
    if type(model) is open_clip.CLIP:
        tower, pool, end_token = model, model.text_pool_type, model.text_eos_id
    elif isinstance(text := getattr(model, "text", None), TextTransformer) and text.cls_emb is None:
        tower, pool, end_token = text, text.pool_type, text.eos_id
    else:
        return None
    if tower.attn_mask is None or pool not in ("argmax", "eos") or getattr(tower, "use_pad_mask", False):
        return None
    return CausalText(tower, None if pool == "argmax" else end_token)
