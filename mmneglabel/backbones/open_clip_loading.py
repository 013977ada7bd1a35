"""Building an open_clip model so that every mistake a user can make ends in one line that names the mend."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
from torch import nn

from mmneglabel.backbones.open_clip_facts import checked_pixels, model_facts
from mmneglabel.backbones.open_clip_hub import ask_for_model, proxy_in_use
from mmneglabel.backbones.open_clip_names import SCHEMAS, check_pretrained, known_model
from mmneglabel.backbones.open_clip_tokenizer import Tokenizer, load_tokenizer
from mmneglabel.errors import ConfigError, NegLabelError, WeightsError, did_you_mean

_PRECISIONS = ("fp32", "fp16", "bf16", "pure_fp16", "pure_bf16")


def build_open_clip(
    model_name: str,
    pretrained: str | None,
    quick_gelu: bool | None,
    precision: str,
    cache_dir: str | None,
    load_weights: bool,
    preprocess: str | Mapping[str, Any] | None,
    tokenizer: str | None,
) -> tuple[nn.Module, Tokenizer]:
    """The model in evaluation mode, its ``visual.preprocess_cfg`` the pixel facts of its weights, and its tokenizer.

    Raises:
        ConfigError, WeightsError: see :class:`mmneglabel.backbones.OpenCLIPBackbone`.
    """
    if precision not in _PRECISIONS:  # open_clip would take float32 without a word
        raise ConfigError(f"backbone.precision is {precision!r}; {did_you_mean(str(precision), _PRECISIONS)}")
    name, stated = known_model(model_name)
    pretrained = str(Path(pretrained).expanduser()) if pretrained else None
    check_pretrained(name, pretrained, load_weights)
    tag = preprocess if isinstance(preprocess, str) else None
    facts = {} if tag else checked_pixels(preprocess or {}, "backbone.preprocess")
    if quick_gelu is not None:
        facts["quick_gelu"] = bool(quick_gelu)
    if not name.startswith(SCHEMAS):
        facts = model_facts(name, stated, pretrained, facts, tag, random=load_weights and not pretrained)
    elif tag:
        raise ConfigError(f"{name!r} has no pretrained tags: give backbone.preprocess={tag!r} as dict(mean=..., ...).")
    try:
        with _quiet():
            ask_for_model(name, pretrained if load_weights else None, cache_dir)
            tokens = load_tokenizer(name, tokenizer, cache_dir)
            model = _create(name, pretrained if load_weights else None, facts, precision, cache_dir, load_weights)
    except NegLabelError:
        raise
    except Exception as error:  # whatever the library, a file format or the network raises becomes one line
        raise WeightsError(_explain(name, pretrained, error)) from error
    if load_weights and not (pretrained or name.startswith(SCHEMAS)):
        logging.getLogger(__name__).warning("%s has random weights (pretrained=None): its scores mean nothing.", name)
    return model.eval(), tokens


def _create(
    name: str, pretrained: str | None, facts: dict, precision: str, cache_dir: str | None, load_weights: bool
) -> nn.Module:
    """The model, whatever open_clip thinks of its pixels and activation."""
    activation = {key: value for key, value in facts.items() if key == "quick_gelu"}
    return open_clip.create_model(
        name,
        pretrained=pretrained,
        load_weights=load_weights,
        precision=precision,
        force_quick_gelu=activation.get("quick_gelu", False),
        force_preprocess_cfg={key: value for key, value in facts.items() if key not in activation},
        cache_dir=cache_dir,
        pretrained_text=False,  # else weights of the text tower alone are fetched where no others are read
        weights_only=True,
        require_pretrained=name.startswith(SCHEMAS) and load_weights,
        **activation,  # `force_quick_gelu` can turn it on, but not off
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence open_clip and the hub client, which log every retry; what matters comes back as one exception."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


def _explain(name: str, pretrained: str | None, error: Exception) -> str:
    """One line for a failed build: a checkpoint file that does not fit, or a download that did not come."""
    reason = " ".join(str(error).split())[:300].rstrip(".")
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
        "a network, set backbone.pretrained to a local checkpoint file or fill the download cache beforehand."
    )
