"""The interface that every vision-language tower offers to the rest of the package."""

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmneglabel.backbones.packing import Packer
from mmneglabel.backbones.parts import Part, part_of
from mmneglabel.backbones.pixels import Preprocessing
from mmneglabel.errors import ConfigError, WeightsError, is_whole

# Sentences whose tokens tell two tokenizers apart: case, accents, digits, punctuation, long words, truncation.
_TOKENIZER_PROBES = ("the nice Dog", "café No. 42!", "pneumonoultramicroscopic", " ".join(["word"] * 100))


class _LookedOver(ABCMeta):
    """Looks each tower over once it is built, and leaves it in evaluation mode.

    PyTorch builds modules in training mode, in which the first pictures would change a BatchNorm.
    """

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The tower.

        Raises:
            ConfigError: it lacks a method.
        """
        if missing := sorted(cls.__abstractmethods__):
            raise ConfigError(f"{cls.__name__} is no tower yet: write its {', '.join(missing)}.")
        tower = super().__call__(*args, **kwargs)
        _check_attributes(tower)
        return tower.eval()


class VisionLanguageBackbone(nn.Module, metaclass=_LookedOver):
    """An image tower and a text tower that share one embedding space of ``embed_dim`` dimensions.

    A subclass gives the raw embeddings; unit norm, float32, evaluation mode and fingerprints are made here, once::

        class MyTower(VisionLanguageBackbone):
            def __init__(self, load_weights=True):  # False where a checkpoint of the whole model follows
                super().__init__()
                self.net = build_net(load_weights)
                self.embed_dim = 512
                self.preprocessing = Preprocessing((224, 224), mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bicubic")
            def tokenize(self, prompts): return self.net.ids(prompts)      # (N, L) whole numbers on the CPU
            def embed_text(self, tokens): return self.net.text(tokens)     # (N, 512)
            def embed_image(self, pixels): return self.net.image(pixels)   # (N, 512)

    Attributes:
        embed_dim: D, the width of all embeddings.
        preprocessing: the pixels that the image tower was trained on.
        packer: how prompts share a row, which is exact in causal text towers only; None embeds each by itself.
        local: from pixels (B, 3, H, W) to raw image embeddings (B, D) and local features (B, P, D) of P places, in one
            forward pass; None where places have no features in the space of the text.
        multilingual: whether the text tower reads more than English.
    """

    embed_dim: int
    preprocessing: Preprocessing
    packer: Packer | None = None
    local: Callable[[Tensor], tuple[Tensor, Tensor]] | None = None
    multilingual: bool = False

    @abstractmethod
    def tokenize(self, prompts: Sequence[str]) -> Tensor:
        """Token ids (N, L) of N prompts, padded to the tower's full context length L."""

    @abstractmethod
    def embed_text(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of token ids (B, L) at the full context length."""

    @abstractmethod
    def embed_image(self, pixels: Tensor) -> Tensor:
        """Raw image embeddings (B, D) of normalised pixels (B, 3, H, W)."""

    def parts(self) -> tuple[Part, Part]:
        """What decides image embeddings, and what decides text embeddings: all there is, where a tower cannot tell.

        What was mined with one text tower is not taken for another's. A tower that tells the two apart, as by
        ``return part_of(self.net.image), part_of(self.net.text)``, keeps it when its image tower changes.
        """
        whole = part_of(self)
        return whole, whole

    @property
    def device(self) -> torch.device:
        """Where the towers' weights lie.

        Raises:
            ConfigError: there are none.
        """
        for tensor in chain(self.parameters(), self.buffers()):
            return tensor.device
        raise ConfigError(
            f"{type(self).__name__} has no parameters, so nobody knows where it computes: keep its networks as "
            "attributes that are modules, or write its `device`."
        )

    def encode_image(self, pixels: Tensor) -> Tensor:
        """Unit-norm float32 image features (B, D) of normalised pixels (B, 3, H, W)."""
        return unit(check_embeddings(self, self.embed_image(pixels), len(pixels)))

    def encode_image_with_local(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Unit-norm float32 image features (B, D) and local features (B, P, D), from one forward pass."""
        self.check_local()
        image, local = self.local(pixels)
        return tuple(unit(check_embeddings(self, embeddings, len(pixels))) for embeddings in (image, local))

    def check_local(self) -> None:
        """Refuse a tower without local features where they are needed.

        Raises:
            ConfigError: it has none.
        """
        if self.local is None:
            raise ConfigError(
                f"{type(self).__name__} has no local image features here, which GL-MCM needs: use a CLIP ViT that "
                "reads the class token or a CLIP ResNet, such as model_name='ViT-B-16', or leave GLMCMScore out."
            )

    def image_fingerprint(self) -> str:
        """SHA-256 of all that decides image embeddings."""
        image, _ = self.parts()
        return image.fingerprint()

    def text_fingerprint(self) -> str:
        """SHA-256 of all that decides text embeddings, and of how the tokenizer splits a few probe sentences.

        Raises:
            ConfigError: the tokenizer gives no tensor, or others each time: no features could be kept or shared.
        """
        _, text = self.parts()
        once, again = self.tokenize(_TOKENIZER_PROBES), self.tokenize(_TOKENIZER_PROBES)
        if not isinstance(once, Tensor) or not torch.equal(once, again):
            raise ConfigError(
                f"{type(self).__name__}.tokenize must give the same text the same ids each time, as a tensor (N, L); "
                f"of {len(_TOKENIZER_PROBES)} sentences, asked for twice, it gave {_briefly(once)} and "
                f"{_briefly(again)}."
            )
        return Part({**text.tensors, "token ids": once}, text.facts).fingerprint()


def _briefly(ids: object) -> str:
    """The first token ids, or what stands in their place."""
    return str(ids.flatten()[:6].tolist()) if isinstance(ids, Tensor) else type(ids).__name__


def _check_attributes(tower: VisionLanguageBackbone) -> None:
    """Refuse a tower that does not say what it is."""
    name, width = type(tower).__name__, getattr(tower, "embed_dim", None)
    if not is_whole(width) or width < 1:
        raise ConfigError(
            f"{name}: embed_dim is {width!r}: set self.embed_dim in its __init__ to the number of dimensions that "
            "embed_image and embed_text give."
        )
    if not isinstance(pixels := getattr(tower, "preprocessing", None), Preprocessing):
        raise ConfigError(
            f"{name}: preprocessing is {pixels!r}: set self.preprocessing in its __init__, such as "
            "Preprocessing((224, 224), mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), interpolation='bicubic')."
        )
    _ = tower.device  # raises where there are no weights


def check_embeddings(tower: VisionLanguageBackbone, embeddings: Tensor, count: int) -> Tensor:
    """The ``embeddings`` (count, ..., D) of a tower of ``embed_dim`` D, as they are.

    Raises:
        ConfigError: they are something else.
    """
    given = tuple(embeddings.shape) if isinstance(embeddings, Tensor) else type(embeddings).__name__
    if not isinstance(given, tuple) or len(given) < 2 or (given[0], given[-1]) != (count, tower.embed_dim):
        raise ConfigError(
            f"{type(tower).__name__} gives embeddings of shape {given} where ({count}, {tower.embed_dim}) is due: its "
            "embed_dim and what embed_image and embed_text return must agree."
        )
    return embeddings


def probe(tower: VisionLanguageBackbone, tokens: Tensor, model_name: str) -> Tensor:
    """Raw text embeddings (P, D) of ``tokens`` (P, L), the first that a tower makes.

    Raises:
        WeightsError: its tokenizer belongs to another text tower.
    """
    try:
        with torch.no_grad():
            return tower.embed_text(tokens)
    except IndexError as error:
        raise WeightsError(
            f"The tokenizer of {model_name!r} gives ids beyond the text tower's vocabulary, up to {tokens.max()}: "
            "set backbone.tokenizer to the one that the weights were trained with."
        ) from error


def unit(features: Tensor) -> Tensor:
    """The rows of ``features`` (..., D) in float32 at unit norm, whatever autocast made of them.

    Zeros have no direction and stay zeros; mining leaves such a word out and counts it.
    """
    return functional.normalize(features.float(), dim=-1)


@contextmanager
def inference(module: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, each module's mode put back as it was found.

    OpenMMLab's ``before_test`` runs hooks with the model in training mode and gradients on.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training
