"""The interface that every vision-language tower offers to the rest of the package."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn import functional

from mmneglabel.backbones.contract import TowerType, check_embeddings
from mmneglabel.backbones.packing import Packed
from mmneglabel.backbones.preprocessing import Preprocessing
from mmneglabel.errors import ConfigError

# Sentences whose tokens tell two tokenizers apart: case, accents, digits, punctuation, long words, truncation.
_TOKENIZER_PROBES = ("the nice Dog", "café No. 42!", "pneumonoultramicroscopic", " ".join(["word"] * 100))


class VisionLanguageBackbone(nn.Module, metaclass=TowerType):
    """An image tower and a text tower that share one embedding space of ``embed_dim`` dimensions.

    A subclass gives the raw embeddings; unit norm, float32, evaluation mode and the fingerprint are made here, once::

        class MyTower(VisionLanguageBackbone):
            def __init__(self, load_weights=True):  # False where a checkpoint of the whole model follows
                super().__init__()
                self.net = build_net(load_weights)
                self.embed_dim = 512
                self.preprocessing = Preprocessing((224, 224), mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bicubic")
            def tokenize(self, prompts): return self.net.ids(prompts)               # (N, L) whole numbers on the CPU
            def embed_tokens(self, tokens): return self.net.text(tokens)            # (N, 512)
            def embed_image(self, pixels): return self.net.image(pixels)            # (N, 512)
            def text_state(self): return self.net.text.state_dict()                 # what text embeddings depend on
            def text_facts(self): return module_facts(self.net.text.named_modules())

    ``text_state`` and ``text_facts`` tell one text tower from another: what was mined with one is not taken for the
    other's. Local features and packed prompts are optional.
    """

    embed_dim: int
    preprocessing: Preprocessing
    has_local_features: bool = False
    packs_text: bool = False
    multilingual: bool = False

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
        """Unit-norm float32 image features (B, D) and local features (B, P, D); see :meth:`embed_image_with_local`."""
        image, local = self.embed_image_with_local(pixels)
        return tuple(unit(check_embeddings(self, embeddings, len(pixels))) for embeddings in (image, local))

    def text_fingerprint(self) -> str:
        """SHA-256 of the text tower's weights and facts, and of how its tokenizer splits a few probe sentences."""
        digest = hashlib.sha256(self._probe_tokens().cpu().numpy().tobytes())
        digest.update(self.text_facts().encode())
        return _with_tensors(digest, self.text_state()).hexdigest()

    def _probe_tokens(self) -> Tensor:
        """Token ids of the probe sentences.

        Raises:
            ConfigError: they are no tensor, or others each time, so that no features could be kept or shared.
        """
        once, again = self.tokenize(_TOKENIZER_PROBES), self.tokenize(_TOKENIZER_PROBES)
        if not isinstance(once, Tensor) or not torch.equal(once, again):
            raise ConfigError(
                f"{type(self).__name__}.tokenize must give the same text the same ids each time, as a tensor (N, L); "
                f"of {len(_TOKENIZER_PROBES)} sentences, asked for twice, it gave {_briefly(once)} and "
                f"{_briefly(again)}."
            )
        return once

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


def _briefly(ids: object) -> str:
    """The first token ids, or what stands in their place."""
    return str(ids.flatten()[:6].tolist()) if isinstance(ids, Tensor) else type(ids).__name__


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
