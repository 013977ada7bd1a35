"""A language model on this machine: a Hugging Face causal LM, whose replies are greedy."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from mmneglabel.errors import ConfigError, LanguageModelError
from mmneglabel.language_models.greedy import left_padded, next_tokens, whole_replies
from mmneglabel.language_models.prompts import prompt_ids


@dataclass(frozen=True)
class LocalLanguageModel:
    """The greedy answer's first tokens, batched; loaded at the first question and not before.

    Args:
        path: a local folder or a name on the Hugging Face hub; also what the model is called in logs.
        batch_size: questions a forward pass.
        dtype: of the weights: "auto" (as saved), "bfloat16", "float16" or "float32".
        device: where it runs; None is the current GPU, or the CPU where there is none.
        max_tokens: of a reply, which ends there; the default is one forward pass a question.

    Raises:
        ConfigError: a setting is out of range.
    """

    path: str | Path
    batch_size: int = 32
    dtype: str = "auto"
    device: str | None = None
    max_tokens: int = 1

    def __post_init__(self) -> None:
        for setting in ("batch_size", "max_tokens"):
            if (value := getattr(self, setting)) < 1:
                raise ConfigError(f"LocalLanguageModel.{setting} is {value}: give 1 or more")
        if self.dtype not in ("auto", "bfloat16", "float16", "float32"):
            raise ConfigError(f"LocalLanguageModel.dtype is {self.dtype!r}: auto, bfloat16, float16 or float32")

    @property
    def name(self) -> str:
        """The path in its shortest form; weights that are exchanged under one path are taken for the same model."""
        return os.path.normpath(self.path)

    def check(self) -> None:
        """Refuse to begin without transformers.

        Raises:
            LanguageModelError: it is missing.
        """
        _transformers()

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index, beginning of the reply), longest questions first, so that a lack of memory shows at once.

        Raises:
            LanguageModelError: transformers is missing, the model cannot be loaded, or memory does not suffice.
        """
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
        """Tokenizer and model in eval mode."""
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
                f"language model {self.path} cannot be loaded ({_first_line(error)}): give a folder or hub name of a "
                "causal language model with its tokenizer"
            ) from error
        return tokenizer, model.eval()

    def _batch_replies(self, prompts: list[list[int]]) -> list[str]:
        """The reply to each prompt, from one batch."""
        tokenizer, model = self._loaded
        ids, mask = (part.to(model.device) for part in left_padded(prompts))
        try:
            if self.max_tokens == 1:
                return [tokenizer.decode(token) for token in next_tokens(model, ids, mask)]
            return whole_replies(model, tokenizer, ids, mask, self.max_tokens)
        except torch.OutOfMemoryError as error:
            raise LanguageModelError(
                f"language model {self.path} ran out of memory on {len(prompts)} questions of {ids.shape[1]} tokens: "
                f"lower batch_size (now {self.batch_size}) or give dtype 'bfloat16'"
            ) from error


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


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
