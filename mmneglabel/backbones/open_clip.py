"""Any model of open_clip as a backbone: built-in names, ``hf-hub:`` names, local folders and checkpoint files."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import open_clip
from torch import Tensor, nn

from mmneglabel.backbones.base import VisionLanguageBackbone, probe
from mmneglabel.backbones.causal_text import PROBES, causal_text
from mmneglabel.backbones.hub import proxy_in_use, reads_many_languages
from mmneglabel.backbones.local_features import local_features
from mmneglabel.backbones.open_clip_hub import ask_for_model, load_tokenizer
from mmneglabel.backbones.open_clip_weights import Facts, Source, find_source, model_facts
from mmneglabel.backbones.parts import Part, part_of
from mmneglabel.backbones.pixels import Preprocessing
from mmneglabel.backbones.unfilled import Unfilled
from mmneglabel.errors import NegLabelError, WeightsError, one_line, one_of

_PRECISIONS = ("fp32", "fp16", "bf16", "pure_fp16", "pure_bf16")


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

    The logit scale and bias that a tower learned are left unread: NegLabel and CSP multiply the cosines of every tower
    by 100 and add nothing, and so do the logits here (``temperature`` of a score departs from it). A bias such as
    SigLIP's, the same for all texts, would cancel in every softmax.

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
        one_of(self, _PRECISIONS, precision=precision)  # open_clip would take float32 without a word
        source = find_source(model_name, pretrained, load_weights)
        facts = model_facts(source, preprocess, quick_gelu)
        with _one_line_errors(source):
            ask_for_model(source.name, source.pretrained if load_weights else None, cache_dir)
            self.tokenizer = load_tokenizer(source.name, tokenizer, cache_dir)
            self.model = _create(source, facts, precision, cache_dir).requires_grad_(False).eval()
        if source.random:
            logging.getLogger(__name__).warning(
                "%s has random weights (pretrained=None): its scores mean nothing.", source.name
            )
        self.preprocessing = _preprocessing(self.model)
        self._input_dtype = open_clip.get_input_dtype(precision)
        tokens = self.tokenize(PROBES)
        embedded = probe(self, tokens, model_name)
        self.embed_dim = embedded.shape[-1]
        self.packer = causal_text(self.model, tokens, embedded)
        self.local = local_features(self.model.visual, self.embed_image)

    @property
    def multilingual(self) -> bool:
        """Whether the tokenizer knows many languages."""
        return reads_many_languages(
            getattr(self.tokenizer, "tokenizer", self.tokenizer)
        )  # open_clip wraps the hub's, we its own

    def tokenize(self, prompts: Sequence[str]) -> Tensor:
        """Token ids (N, L) of N prompts, padded to the context length."""
        return self.tokenizer(list(prompts))

    def embed_text(self, tokens: Tensor) -> Tensor:
        """Raw text embeddings (B, D) of token ids (B, L) at the full context length, as the library computes them."""
        return self.model.encode_text(tokens, normalize=False)

    def embed_image(self, pixels: Tensor) -> Tensor:
        """Raw image embeddings (B, D) of normalised pixels (B, 3, H, W)."""
        return self.model.encode_image(pixels.to(self._input_dtype), normalize=False)

    def parts(self) -> tuple[Part, Part]:
        """The image tower, and all outside it."""
        return part_of(self.model.visual), part_of(self.model, without="visual")


def _create(source: Source, facts: Facts, precision: str, cache_dir: str | None) -> nn.Module:
    """The model, whatever open_clip thinks of its pixels and activation."""
    activation = {key: value for key, value in facts.items() if key == "quick_gelu"}
    with Unfilled() if source.fills_all else nullcontext():
        return open_clip.create_model(
            source.name,
            pretrained=source.pretrained if source.load_weights else None,
            load_weights=source.load_weights,
            precision=precision,
            force_quick_gelu=activation.get("quick_gelu", False),
            force_preprocess_cfg={key: value for key, value in facts.items() if key not in activation},
            cache_dir=cache_dir,
            pretrained_text=False,  # else weights of the text tower alone are fetched where no others are read
            weights_only=True,
            require_pretrained=source.brings_weights and source.load_weights,
            **activation,  # `force_quick_gelu` can turn it on, but not off
        )


def _preprocessing(model: nn.Module) -> Preprocessing:
    """The pixel facts that open_clip keeps with the weights."""
    config = open_clip.get_model_preprocess_cfg(model)
    size = config["size"] if isinstance(config["size"], tuple | list) else (config["size"],) * 2
    return Preprocessing(size, config["mean"], config["std"], config["interpolation"], config["resize_mode"])


@contextmanager
def _one_line_errors(source: Source) -> Iterator[None]:
    """Make one line of whatever the library, a file format or the network raises; they log every retry besides."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    except NegLabelError:
        raise
    except Exception as error:
        raise WeightsError(_explain(source, error)) from error
    finally:
        logging.disable(before)


def _explain(source: Source, error: Exception) -> str:
    """One line for a failed build: a checkpoint file that does not fit, or a download that did not come."""
    name, pretrained, reason = source.name, source.pretrained, one_line(error).rstrip(".")
    if pretrained and Path(pretrained).is_file():
        if "TorchScript" in reason:
            return (
                f"The checkpoint {pretrained!r} is a TorchScript archive, as OpenAI released its weights, which can "
                "hold code: set backbone.pretrained='openai', or to a file of the weights alone."
            )
        return (
            f"The checkpoint {pretrained!r} does not fit {name!r} or cannot be read ({reason}). "
            "Set backbone.model_name to the architecture it was saved from."
        )
    if "SOCKS" not in reason and (isinstance(error, ImportError) or "pip install" in reason):
        return f"{name!r} needs a package that is not installed ({reason}); try `pip install transformers`."
    return (
        f"The weights of {name!r} (pretrained={pretrained!r}) could not be fetched ({reason}{proxy_in_use()}). Without "
        "a network, set backbone.pretrained (evaluate: --weights) to a local checkpoint file or fill the download "
        "cache beforehand."
    )
