"""Dual encoders of transformers as towers: how each family reads its prompts, and the pixels it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mmneglabel.backbones.base import VisionLanguageBackbone, probe
from mmneglabel.backbones.causal_text import PROBES
from mmneglabel.backbones.hf_files import KNOWN_PIXELS, library, read, read_model, read_preprocessing, read_tokenizer
from mmneglabel.backbones.hub import find_place, reads_many_languages
from mmneglabel.backbones.local_features import LocalFeatures
from mmneglabel.backbones.packing import lengths_to_end
from mmneglabel.backbones.parts import Part, part_of
from mmneglabel.backbones.pixels import checked_pixels
from mmneglabel.errors import ConfigError, did_you_mean, one_of

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Family:
    """How the models of a kind read their prompts.

    Attributes:
        reads: the token whose state is the embedding. "end": the end token of a causal tower, behind which nothing
            counts. "first": a class token that sees all others, so that padding is masked. "last": the last of a full
            context, padding included, which must be there and must not be masked.
        context: tokens of a full context; None takes as many as the text tower has positions.
        lower: whether its prompts were in small letters, which not every tokenizer sees to.
        any_size: whether pictures may have another size than the configuration states.
        local: whether patches have features in the space of the text.
    """

    reads: str
    context: int | None = None
    lower: bool = False
    any_size: bool = False
    local: bool = False


FAMILIES = {
    "align": Family("first", context=64, any_size=True),  # a convolutional net, shown 289 of the stated 600 pixels
    "altclip": Family("first", context=77, local=True),  # XLM-R has 512 places, of which AltCLIP was trained on 77
    "clip": Family("end", local=True),
    "groupvit": Family("end"),
    # SigLIP 2's tokenizer is Gemma's, which keeps capitals unless it is loaded as a newer class than its file names.
    "siglip": Family("last", lower=True),
}
"""By the ``model_type`` of a configuration. SigLIP 2 at a fixed resolution is of the type "siglip"."""


class TransformersBackbone(VisionLanguageBackbone):
    """The image and text towers of a CLIP, ALIGN, GroupViT, AltCLIP, SigLIP or SigLIP 2 model of transformers.

    Prompts are padded and masked as the family was trained, and cut to the longest of a batch where that is exact. A
    learned logit scale or bias is left unread, as in :class:`mmneglabel.backbones.OpenCLIPBackbone`.

    Args:
        model_name: a name on the hub, such as "kakaobrain/align-base", or a local folder.
        precision: "fp32", "fp16" or "bf16", of all weights, norms included; scores are computed in float32 or better in
            any case.
        cache_dir: where downloads are kept; None is the hub's own folder.
        load_weights: False leaves the weights unread because a checkpoint of the whole model follows (said in the log).
        preprocess: what the weights expect of pixels. None takes it from the model's image processor: of ALIGN's, both
            edges to 346 and the middle 289 cut out, where CSP and EOE resize the short edge to 289. Before it comes a
            dict of ``size``, ``mean``, ``std``, ``interpolation``, ``resize_mode`` and ``resized_to``, as
            :class:`Preprocessing` takes them; all but the last make the processor's file unnecessary.
        tokenizer: a local folder or another name on the hub; None is the model's own. SigLIP's prompts are put in small
            letters first.

    Raises:
        ConfigError: transformers is not installed, a setting cannot be, the model is of another kind (such as a NaFlex
            SigLIP 2), or the image processor does what `Preprocessing` cannot say.
        WeightsError: configuration, tokenizer, image processor or weights cannot be had, or do not fit each other.
    """

    def __init__(
        self,
        model_name: str,
        precision: str = "fp32",
        cache_dir: str | None = None,
        load_weights: bool = True,
        preprocess: Mapping[str, Any] | None = None,
        tokenizer: str | None = None,
    ) -> None:
        super().__init__()
        one_of(self, _DTYPES, precision=precision)
        given = checked_pixels(preprocess or {}, KNOWN_PIXELS, "backbone.preprocess")
        place = find_place(model_name)
        config = read(library().AutoConfig, place, cache_dir, "configuration")
        self._family = _family(config.model_type, model_name)
        self._context = self._family.context or config.text_config.max_position_embeddings
        self.preprocessing = read_preprocessing(config, self._family.any_size, given, place, cache_dir)
        self.tokenizer = read_tokenizer(find_place(tokenizer) if tokenizer else place, cache_dir)
        self.model = read_model(config, place, cache_dir, load_weights)
        self.model.to(_DTYPES[precision]).requires_grad_(False).eval()
        # CLIP's first configurations state 2, whatever the id; their towers read at the largest of the prompt.
        end_token = getattr(config.text_config, "eos_token_id", None)
        self._end_token = None if end_token == 2 else end_token
        self.embed_dim = probe(self, self.tokenize(PROBES), model_name).shape[-1]
        if self._family.local:
            last_layer = self.model.vision_model.encoder.layers[-1]
            self.local = LocalFeatures(self.embed_image, self.model, last_layer, _patches)

    @property
    def multilingual(self) -> bool:
        """Whether the tokenizer knows many languages."""
        return reads_many_languages(self.tokenizer)

    def tokenize(self, prompts: Sequence[str]) -> Tensor:
        """Token ids (N, L) of N prompts, padded to the full context."""
        texts = [prompt.lower() if self._family.lower else prompt for prompt in prompts]
        options = {"padding": "max_length", "truncation": True, "max_length": self._context}
        return self.tokenizer(texts, return_tensors="pt", **options).input_ids

    def embed_text(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of token ids (B, L) at the full context, at least one prompt."""
        options, pad = {}, self.tokenizer.pad_token_id
        # What no prompt of the batch reaches is left out: behind the end token of a causal tower nothing counts, and
        # what is masked counts nowhere. A tower that reads the last place reads another one if the context is shorter.
        if self._family.reads == "end":
            tokens = tokens[:, : int(lengths_to_end(tokens, self._end_token).max())]
        elif self._family.reads == "first":
            tokens = tokens[:, : int((tokens != pad).sum(1).max())]
            options["attention_mask"] = (tokens != pad).long()
        return _pooled(self.model.get_text_features(input_ids=tokens, **options))

    def embed_image(self, pixels: Tensor) -> Tensor:
        """Raw image embeddings (B, D) of normalised pixels (B, 3, H, W)."""
        return _pooled(self.model.get_image_features(pixel_values=pixels.to(self.model.dtype)))

    def parts(self) -> tuple[Part, Part]:
        """The image tower with its projection, and the text tower with its own."""
        towers = dict(self.model.named_children())
        image = {name: tower for name, tower in towers.items() if name.startswith("vis")}
        text = {name: tower for name, tower in towers.items() if name not in image}
        return part_of(nn.ModuleDict(image)), part_of(nn.ModuleDict(text))


def _family(kind: str, model_name: str) -> Family:
    """How the models of a kind read their prompts."""
    if kind == "siglip2":
        raise ConfigError(
            f"{model_name!r} is a NaFlex SigLIP 2, whose pictures have no fixed size: set backbone.model_name to one "
            "of fixed resolution, such as 'google/siglip2-base-patch16-224'."
        )
    if kind not in FAMILIES:
        raise ConfigError(
            f"TransformersBackbone knows no models of the type {kind!r}, which {model_name!r} is; "
            f"{did_you_mean(kind, FAMILIES)}"
        )
    return FAMILIES[kind]


def _pooled(output: Any) -> Tensor:
    """The embedding (B, D) that transformers 4 returns, and transformers 5 puts into an output of many things."""
    return output if isinstance(output, Tensor) else output.pooler_output


def _patches(model: nn.Module, tokens: Tensor) -> Tensor:
    """Local features (B, P, D) from the last layer's input, as of open_clip's ViTs in :mod:`.local_features`."""
    layer, patches = model.vision_model.encoder.layers[-1], tokens[:, 1:]
    patches = patches + layer.self_attn.out_proj(layer.self_attn.v_proj(layer.layer_norm1(patches)))
    patches = patches + layer.mlp(layer.layer_norm2(patches))
    return model.visual_projection(model.vision_model.post_layernorm(patches))
