"""A language model on this machine: a Hugging Face causal LM, whose replies are greedy."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from mmneglabel.errors import LanguageModelError, one_line, one_of, whole


@dataclass(frozen=True)
class LocalLanguageModel:
    """The greedy answer's first tokens, batched; loaded at the first question and not before.

    Args:
        path: a local folder or a name on the Hugging Face hub; also what the model is called in logs.
        batch_size: questions a forward pass.
        dtype: of the weights: "auto" (as saved), "bfloat16", "float16" or "float32".
        device: where it runs; None is the current GPU, or the CPU where there is none.
        max_tokens: of a reply, which ends there; the default is one forward pass a question.
    """

    path: str | Path
    batch_size: int = 32
    dtype: str = "auto"
    device: str | None = None
    max_tokens: int = 1

    def __post_init__(self) -> None:
        whole(self, batch_size=self.batch_size, max_tokens=self.max_tokens)
        one_of(self, ("auto", "bfloat16", "float16", "float32"), dtype=self.dtype)

    @property
    def name(self) -> str:
        """The path in its shortest form; weights that are exchanged under one path are taken for the same model."""
        return os.path.normpath(self.path)

    def check(self) -> None:
        """Refuse to begin without transformers."""
        _transformers()

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index, beginning of the reply), longest questions first, so that a lack of memory shows at once."""
        tokenizer, _ = self._loaded
        prompts = [prompt_ids(tokenizer, system, question) for question in questions]
        order = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            yield from zip(batch, self._batch_replies([prompts[index] for index in batch]), strict=True)

    def close(self) -> None:
        """Give the memory back; another question would load the model again."""
        self.__dict__.pop("_loaded", None)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @cached_property
    def _loaded(self) -> tuple[Any, nn.Module]:
        """Tokenizer and model, which generates greedily up to one of its end tokens."""
        hub, path = _transformers(), os.path.expanduser(self.path)  # noqa: PTH111 - a hub name is no path
        device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = self.dtype if self.dtype == "auto" else getattr(torch, self.dtype)
        try:
            tokenizer = hub.AutoTokenizer.from_pretrained(path)
            # The argument's old name, which every release from 4.40 on takes, draws a warning from newer ones.
            key = "dtype" if _release(hub) >= (4, 56) else "torch_dtype"
            model = hub.AutoModelForCausalLM.from_pretrained(path, **{key: dtype}).to(device)
        except Exception as error:  # whatever a file of another form makes transformers raise
            raise LanguageModelError(
                f"language model {self.path} cannot be loaded ({one_line(error)}): give a folder or hub name of a "
                "causal language model with its tokenizer"
            ) from error
        # Of what a model brings along for its generation (temperatures, penalties) only the end tokens count. It is
        # replaced, since `generate` takes from the model's own whatever a configuration passed to it leaves open.
        ends = _end_tokens(model, tokenizer)
        model.generation_config = hub.GenerationConfig(eos_token_id=ends or None, pad_token_id=ends[0] if ends else 0)
        return tokenizer, model.eval()

    @torch.inference_mode()
    def _batch_replies(self, prompts: list[list[int]]) -> list[str]:
        """The reply to each prompt, from one batch."""
        tokenizer, model = self._loaded
        ids, mask = (part.to(model.device) for part in left_padded(prompts))
        # A single token needs no keys and values of the tokens before it once more.
        options = {"max_new_tokens": self.max_tokens, "do_sample": False, "use_cache": self.max_tokens > 1}
        try:
            found = model.generate(input_ids=ids, attention_mask=mask, **options)
        except torch.OutOfMemoryError as error:
            raise LanguageModelError(
                f"language model {self.path} ran out of memory on {len(prompts)} questions of {ids.shape[1]} tokens: "
                f"lower batch_size (now {self.batch_size}) or give dtype 'bfloat16'"
            ) from error
        ends = model.generation_config.eos_token_id or ()
        replies = [_until(ends, row) for row in found[:, ids.shape[1] :].tolist()]
        return [tokenizer.decode(reply, skip_special_tokens=True) for reply in replies]


def prompt_ids(tokenizer: Any, system: str, question: str) -> list[int]:
    """Tokens after which the answer begins: in the model's own chat form, or as plain text for one without."""
    if not tokenizer.chat_template:
        return tokenizer(f"{system}\n\n{question}\nAnswer:")["input_ids"]
    # The template writes the special tokens itself.
    return tokenizer(_chat(tokenizer, system, question), add_special_tokens=False)["input_ids"]


def left_padded(prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token ids and mask, both (N, longest), prompts at the right; what the padding holds is masked, so any id does."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return ids, mask


def _chat(tokenizer: Any, system: str, question: str) -> str:
    """The question in the tokenizer's chat form; a template without a system role gets all in the user's turn."""
    from jinja2 import TemplateError

    # Models that think before they answer leave that out where their template knows this setting.
    options = {"tokenize": False, "add_generation_prompt": True, "enable_thinking": False}
    turns = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    try:
        return tokenizer.apply_chat_template(turns, **options)
    except TemplateError:
        merged = [{"role": "user", "content": f"{system}\n\n{question}"}]
        return tokenizer.apply_chat_template(merged, **options)


def _end_tokens(model: nn.Module, tokenizer: Any) -> list[int]:
    """The ids that end a reply: one, several or none."""
    ends = model.generation_config.eos_token_id
    ends = tokenizer.eos_token_id if ends is None else ends
    return ends if isinstance(ends, list) else [] if ends is None else [ends]


def _until(ends: Sequence[int], tokens: Sequence[int]) -> list[int]:
    """The tokens before the first that ends a reply."""
    return list(tokens[: next((i for i, token in enumerate(tokens) if token in ends), len(tokens))])


def _transformers() -> ModuleType:
    try:
        import transformers
    except ImportError as error:
        raise LanguageModelError(
            f"a local language model needs transformers ({error}): pip install 'mmneglabel[hf]'"
        ) from error
    return transformers


def _release(package: ModuleType) -> tuple[int, ...]:
    return tuple(map(int, package.__version__.split(".")[:2]))
