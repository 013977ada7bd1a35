"""What decides the embeddings of a tower, tensors and facts, and the fingerprint of both."""

import hashlib
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

_PLAIN = (bool, int, float, str, type(None))
_NO_SETTINGS = ("training", "name_or_path")  # the mode, and where transformers found a configuration
T = TypeVar("T")


class Part(NamedTuple):
    """What decides the embeddings of images, or those of texts.

    Attributes:
        tensors: weights and buffers by name.
        facts: what is no tensor, such as activations, heads and pooling, as stable text.
    """

    tensors: dict[str, Tensor]
    facts: str

    def fingerprint(self) -> str:
        """SHA-256 of the facts, and of every tensor's name, type, shape and bytes."""
        digest = hashlib.sha256(self.facts.encode())
        for name, tensor in sorted(self.tensors.items()):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()


def part_of(module: nn.Module, without: str = "") -> Part:
    """All tensors, kinds and settings of ``module`` and those in it, but for its submodule named ``without``."""

    def counting(named: Iterable[tuple[str, T]]) -> dict[str, T]:
        return {name: it for name, it in named if not without or name.partition(".")[0] != without}

    # A weight that two modules share counts under both names: one of them may be left out.
    named = (kind(remove_duplicate=False) for kind in (module.named_parameters, module.named_buffers))
    modules = counting(module.named_modules(remove_duplicate=False))
    facts = (f"{name} {type(it).__qualname__} {it.extra_repr()} {_settings(it)}" for name, it in modules.items())
    return Part(counting(chain(*named)), "\n".join(facts))


def _settings(module: nn.Module) -> dict[str, object]:
    """The module's public attributes that are plain values, such as its heads and its way of pooling."""
    public = {k: v for k, v in vars(module).items() if not k.startswith("_") and k not in _NO_SETTINGS}
    return {name: value for name, value in public.items() if _plain(value)}


def _plain(value: object) -> bool:
    return all(map(_plain, value)) if isinstance(value, tuple) else isinstance(value, _PLAIN)
