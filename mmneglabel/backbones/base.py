"""The interface that every vision-language tower offers to the rest of the package."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmneglabel.backbones.packing import Packed
from mmneglabel.errors import ConfigError

# Sentences whose tokens tell two tokenizers apart: case, accents, digits, punctuation, long words, truncation.
_TOKENIZER_PROBES = ("the nice Dog", "café No. 42!", "pneumonoultramicroscopic", " ".join(["word"] * 100))


@dataclass(frozen=True)
class Preprocessing:
    """What a tower expects of its pixels.

    Attributes:
        size: height and width of the input, in pixels.
        mean: per-channel RGB mean, in [0, 1].
        std: per-channel RGB standard deviation, in [0, 1].
        interpolation: the resize filter the weights were released with, such as "bicubic".
    """

    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str = "shortest"


class VisionLanguageBackbone(nn.Module, ABC):
    """An image tower and a text tower that share one embedding space of ``embed_dim`` dimensions.

    A subclass gives the raw embeddings; unit norm, float32 and the fingerprint are made here, once. Its constructor
    takes ``load_weights``: False where a checkpoint of the whole model follows.
    """

    embed_dim: int
    preprocessing: Preprocessing
    has_local_features: bool = False
    packs_text: bool = False

    @abstractmethod
    def tokenize(self, prompts: Sequence[str]) -> Tensor:
        """Token ids (N, L) of N prompts, padded to the tower's full context length L."""

    @abstractmethod
    def embed_image(self, pixels: Tensor) -> Tensor:
        """Raw image embeddings (B, D) of normalised pixels (B, 3, H, W)."""

    def embed_image_with_local(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Raw image embeddings (B, D) and local features (B, P, D) of P places, from one forward pass.

        Raises:
            ConfigError: this tower has no local features.
        """
        raise ConfigError(no_local_features(self))

    @abstractmethod
    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of token ids (B, L) at the full context length."""

    def text_lengths(self, tokens: Tensor) -> Tensor:
        """How many leading tokens (N,) of each row of ``tokens`` (N, L) decide its embedding, at least 1.

        This and :meth:`embed_packed` are asked where ``packs_text`` is true, as it can be of causal towers only.
        """
        raise NotImplementedError(f"{type(self).__name__} packs no prompts")

    def embed_packed(self, packed: Packed) -> Tensor:
        """Raw text embeddings (P, D) of P prompts that share a row."""
        raise NotImplementedError(f"{type(self).__name__} packs no prompts")

    @abstractmethod
    def text_state(self) -> dict[str, Tensor]:
        """Every tensor that text embeddings depend on."""

    @abstractmethod
    def text_facts(self) -> str:
        """What besides tensors decides text embeddings: activations, heads, pooling, as stable text."""

    @property
    def device(self) -> torch.device:
        """Where the towers' weights lie."""
        return next(self.parameters()).device

    def encode_image(self, pixels: Tensor) -> Tensor:
        """Unit-norm float32 image features (B, D) of normalised pixels (B, 3, H, W)."""
        return unit(self.embed_image(pixels))

    def encode_image_with_local(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Unit-norm float32 image features (B, D) and local features (B, P, D); see :meth:`embed_image_with_local`."""
        image, local = self.embed_image_with_local(pixels)
        return unit(image), unit(local)

    def text_fingerprint(self) -> str:
        """SHA-256 of the text tower's weights and facts, and of how its tokenizer splits a few probe sentences."""
        digest = hashlib.sha256(self.tokenize(_TOKENIZER_PROBES).numpy().tobytes())
        digest.update(self.text_facts().encode())
        return _with_tensors(digest, self.text_state()).hexdigest()

    def image_state(self) -> dict[str, Tensor]:
        """Every tensor that image embeddings depend on; where a tower cannot tell, all there are."""
        return self.state_dict()

    def image_facts(self) -> str:
        """What besides tensors decides image embeddings, as stable text; where a tower cannot tell, all modules."""
        return module_facts(self.named_modules())

    def image_fingerprint(self) -> str:
        """SHA-256 of the image tower's weights and facts."""
        return _with_tensors(hashlib.sha256(self.image_facts().encode()), self.image_state()).hexdigest()


def module_facts(modules: Iterable[tuple[str, nn.Module]]) -> str:
    """Named modules with their settings as stable text, a line each."""
    return "\n".join(
        f"{name} {type(module).__qualname__} {module.extra_repr()} {getattr(module, 'num_heads', '')}"
        for name, module in modules
    )


def _with_tensors(digest: "hashlib._Hash", state: dict[str, Tensor]) -> "hashlib._Hash":
    """``digest`` with every tensor's name, type, shape and bytes added."""
    for name, tensor in sorted(state.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest


def no_local_features(backbone: VisionLanguageBackbone) -> str:
    """What to tell the user who asks this tower for local features."""
    return (
        f"{type(backbone).__name__} has no local image features here, which GL-MCM needs: use a CLIP ViT that reads "
        "the class token or a CLIP ResNet, such as model_name='ViT-B-16', or leave GLMCMScore out."
    )


def unit(features: Tensor) -> Tensor:
    """The rows of ``features`` (..., D) in float32 at unit norm, whatever autocast made of them."""
    return functional.normalize(features.float(), dim=-1)


@contextmanager
def inference(module: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, put back as it was found.

    OpenMMLab's ``before_test`` runs hooks with the model in training mode and gradients on.
    """
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        module.train(training)
