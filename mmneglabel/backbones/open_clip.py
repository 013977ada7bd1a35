"""Any model of open_clip as a backbone: built-in names, ``hf-hub:`` names, local folders and checkpoint files."""

from collections.abc import Mapping, Sequence
from typing import Any

import open_clip
import torch
from torch import Tensor

from mmneglabel.backbones.base import VisionLanguageBackbone, module_facts
from mmneglabel.backbones.causal_text import causal_text_tower, probe_tokens
from mmneglabel.backbones.local_features import input_of, local_reader
from mmneglabel.backbones.open_clip_loading import build_open_clip
from mmneglabel.backbones.packing import Packed
from mmneglabel.backbones.preprocessing import Preprocessing
from mmneglabel.errors import WeightsError


class OpenCLIPBackbone(VisionLanguageBackbone):
    """The image and text towers of an open_clip model.

    Args:
        model_name: a name that ``open_clip.list_models()`` knows, ``hf-hub:org/repo``, ``local-dir:path``, or the
            path of an open_clip architecture file (``.json``).
        pretrained: a tag such as "openai", the path of a checkpoint file, or None for random weights (said in the
            log). ``hf-hub:`` and ``local-dir:`` names bring their own weights: leave it None there.
        quick_gelu: the activation the weights were trained with; None takes what the pretrained tag states, which
            for OpenAI's weights differs from the built-in architecture of the same name.
        precision: "fp32", "fp16" or "bf16" weights, or "pure_fp16" or "pure_bf16" for norms too; scores are computed
            in float32 or better in any case.
        cache_dir: where downloads are kept; None is open_clip's own folder.
        load_weights: False leaves ``pretrained`` unread because a checkpoint of the whole model follows; it still
            decides activation and pixels.
        preprocess: what the weights expect of pixels. None takes it from the tag, from ``preprocess_cfg`` in the
            architecture file or folder, or, for a checkpoint file, from all tags of the architecture where they agree.
            A tag's name says that a checkpoint file shares its pixels and activation; a dict of ``mean``, ``std``,
            ``interpolation`` and ``resize_mode`` says those in it, as :class:`Preprocessing` takes them.
        tokenizer: a local folder or another name on the hub, for models with a tokenizer of the hub's.

    Raises:
        ConfigError: a setting cannot be, or the tags of a checkpoint file's architecture disagree.
        WeightsError: the name or tag is unknown (close matches are named), the file is missing or belongs to
            another architecture, or a download failed.
    """

    def __init__(
        self,
        model_name: str,
        pretrained: str | None = None,
        quick_gelu: bool | None = None,
        precision: str = "fp32",
        cache_dir: str | None = None,
        load_weights: bool = True,
        preprocess: str | Mapping[str, Any] | None = None,
        tokenizer: str | None = None,
    ) -> None:
        super().__init__()
        self.model, self.tokenizer = build_open_clip(
            model_name, pretrained, quick_gelu, precision, cache_dir, load_weights, preprocess, tokenizer
        )
        self.model.requires_grad_(False)
        self._input_dtype = open_clip.get_input_dtype(precision)
        self.preprocessing = _preprocessing(self.model)
        probe = self._probe(model_name)
        self.embed_dim = probe.shape[-1]
        self._causal_text = causal_text_tower(self.model, self.tokenizer, probe)

    def _probe(self, model_name: str) -> Tensor:
        """Raw embeddings (4, D) of a few prompts.

        Raises:
            WeightsError: the tokenizer is another tower's.
        """
        tokens = probe_tokens(self.tokenizer)
        try:
            with torch.no_grad():
                return self.embed_tokens(tokens)
        except IndexError as error:
            raise WeightsError(
                f"The tokenizer of {model_name!r} gives ids beyond the text tower's vocabulary, up to {tokens.max()}: "
                "set backbone.tokenizer to the one that the weights were trained with."
            ) from error

    @property
    def packs_text(self) -> bool:
        """Whether prompts may share what they have in common, which is exact in a causal text tower only."""
        return self._causal_text is not None

    @property
    def multilingual(self) -> bool:
        """Whether the tokenizer knows many languages: 250,000 tokens and more, where English ones have up to 50,000."""
        tokenizer = getattr(self.tokenizer, "tokenizer", self.tokenizer)  # open_clip wraps those of the hub
        return getattr(tokenizer, "vocab_size", 0) > 100_000

    def tokenize(self, prompts: Sequence[str]) -> Tensor:
        """Token ids (N, L) of N prompts, padded to the context length."""
        return self.tokenizer(list(prompts))

    def text_lengths(self, tokens: Tensor) -> Tensor:
        """Tokens up to and including the end token (N,), where the tower is causal."""
        if self._causal_text is None:
            return super().text_lengths(tokens)
        return self._causal_text.end_positions(tokens) + 1

    def embed_image(self, pixels: Tensor) -> Tensor:
        """Raw image embeddings (B, D) of normalised pixels (B, 3, H, W)."""
        return self.model.encode_image(pixels.to(self._input_dtype), normalize=False)

    @property
    def has_local_features(self) -> bool:
        """Whether the image tower has places whose features lie in the space of the text, as CLIP's own do."""
        return local_reader(self.model.visual) is not None

    def embed_image_with_local(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Raw image embeddings (B, D) and local features (B, P, D) of P patches or cells."""
        reader = local_reader(self.model.visual)
        if reader is None:
            return super().embed_image_with_local(pixels)
        with input_of(reader.mixer) as seen:
            image = self.embed_image(pixels)
        return image, reader(seen[0])

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of token ids (B, L) at the full context length, as the library computes them."""
        return self.model.encode_text(tokens, normalize=False)

    def embed_packed(self, packed: Packed) -> Tensor:
        """Raw text embeddings (P, D) of P prompts that share a row, where the tower is causal."""
        if self._causal_text is None:
            return super().embed_packed(packed)
        return self._causal_text.embed_packed(packed)

    def text_state(self) -> dict[str, Tensor]:
        """Every weight outside the image tower."""
        return {k: v for k, v in self.model.state_dict().items() if not k.startswith("visual.")}

    def text_facts(self) -> str:
        """Every module outside the image tower with its settings, and how the text is pooled."""
        named = ((name, module) for name, module in self.model.named_modules() if name)
        modules = module_facts((name, module) for name, module in named if not name.startswith("visual"))
        holders = (self.model, getattr(self.model, "text", None))
        names = ("text_pool_type", "pool_type", "text_eos_id", "eos_id")
        pooling = [f"{getattr(holder, name, None)}" for holder in holders for name in names]
        causal = [f"{getattr(holder, 'attn_mask', None) is not None}" for holder in holders]
        return "\n".join([modules, *pooling, *causal])

    def image_state(self) -> dict[str, Tensor]:
        """Every weight of the image tower."""
        return {k: v for k, v in self.model.state_dict().items() if k.startswith("visual.")}

    def image_facts(self) -> str:
        """Every module of the image tower with its settings, pooling and the like included."""
        modules = list(self.model.visual.named_modules())
        return "\n".join([module_facts(modules), *(f"{name} {_settings(module)}" for name, module in modules)])


def _settings(module: torch.nn.Module) -> dict[str, object]:
    """The module's public attributes that are plain values, such as its way of pooling."""
    plain = (bool, int, float, str, tuple, type(None))
    return {k: v for k, v in vars(module).items() if isinstance(v, plain) and not k.startswith("_") and k != "training"}


def _preprocessing(model: torch.nn.Module) -> Preprocessing:
    """The pixel facts that open_clip keeps with the weights."""
    config = open_clip.get_model_preprocess_cfg(model)
    size = config["size"] if isinstance(config["size"], tuple | list) else (config["size"],) * 2
    return Preprocessing(size, config["mean"], config["std"], config["interpolation"], config["resize_mode"])
