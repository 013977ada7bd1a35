"""Greedy answers of a Hugging Face causal language model: the next token of a prompt, or all up to an end token."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


def left_padded(prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, both (N, longest), prompts at the right; what the padding holds is masked, so any id does."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return ids, mask


@torch.inference_mode()
def next_tokens(model: nn.Module, ids: Tensor, mask: Tensor) -> list[int]:
    """The most likely next token of each prompt (N, L), from one forward pass."""
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    known = inspect.signature(model.forward).parameters
    # Logits at the last position alone: over the whole vocabulary they would take more memory than the model.
    wanted = {"position_ids": positions, "use_cache": False, "logits_to_keep": 1, "num_logits_to_keep": 1}
    options = {key: value for key, value in wanted.items() if key in known}
    return model(input_ids=ids, attention_mask=mask, **options).logits[:, -1].argmax(-1).tolist()


@torch.inference_mode()
def whole_replies(model: nn.Module, tokenizer: Any, ids: Tensor, mask: Tensor, max_tokens: int) -> list[str]:
    """Each prompt's (N, L) reply as text, up to an end token or ``max_tokens``.

    Of what a model brings along for its generation (temperatures, penalties) only the end tokens count.
    """
    ends = _end_tokens(model, tokenizer)
    plain = type(model.generation_config)(eos_token_id=ends or None, pad_token_id=ends[0] if ends else 0)
    theirs, model.generation_config = model.generation_config, plain
    try:
        found = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=max_tokens, do_sample=False, num_beams=1
        )
    finally:
        model.generation_config = theirs
    replies = [_until(ends, row) for row in found[:, ids.shape[1] :].tolist()]
    return [tokenizer.decode(reply, skip_special_tokens=True) for reply in replies]


def _end_tokens(model: nn.Module, tokenizer: Any) -> list[int]:
    """The ids that end a reply: one, several or none."""
    ends = model.generation_config.eos_token_id
    ends = tokenizer.eos_token_id if ends is None else ends
    return ends if isinstance(ends, list) else [] if ends is None else [ends]


def _until(ends: Sequence[int], tokens: Sequence[int]) -> list[int]:
    """The tokens before the first that ends a reply."""
    return list(tokens[: next((i for i, token in enumerate(tokens) if token in ends), len(tokens))])
