"""What open_clip fetches from the hub, and the tokenizer of a model."""

import json
from functools import partial
from pathlib import Path

import open_clip
from open_clip.constants import HF_CONFIG_NAME, HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME
from open_clip.pretrained import download_pretrained_from_hf
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer

from mmneglabel.backbones.fast_tokens import Tokenizer, fast_tokens
from mmneglabel.backbones.hub import ask_unless_cached, fetched, find_place
from mmneglabel.errors import ConfigError


def ask_for_model(name: str, tag: str | None, cache_dir: str | None) -> None:
    """Ask the hub for the weights of a tag or of an ``hf-hub:`` name, unless they are in the cache."""
    if name.startswith("hf-hub:"):
        repo, files = name.removeprefix("hf-hub:"), [HF_CONFIG_NAME]
    elif tag and (place := open_clip.get_pretrained_cfg(name, tag).get("hf_hub")):
        repo, _, file = place.rpartition("/")
        file = file or HF_WEIGHTS_NAME
        files = [file, HF_SAFE_WEIGHTS_NAME, f"{file.rpartition('.')[0]}.safetensors"]
    else:
        return
    ask_unless_cached(repo, files, cache_dir)


def load_tokenizer(name: str, source: str | None, cache_dir: str | None) -> Tokenizer:
    """The tokenizer of the model ``name``, from ``source`` if given: a local folder or a name on the hub.

    Raises:
        ConfigError: a source is given for a model that uses open_clip's own tokenizer.
    """
    text = _config(name, cache_dir).get("text_cfg", {})
    if text.get("hf_tokenizer_name"):
        own = name.removeprefix("local-dir:") if name.startswith("local-dir:") else text["hf_tokenizer_name"]
        return _hf_tokenizer(name, source or own, text, cache_dir)
    if source is not None:
        raise ConfigError(f"{name!r} has open_clip's own tokenizer: leave out backbone.tokenizer={source!r}.")
    return fast_tokens(open_clip.get_tokenizer(name, cache_dir=cache_dir))


def _config(name: str, cache_dir: str | None) -> dict:
    """What says which tokenizer the model has."""
    if not name.startswith("hf-hub:"):
        return open_clip.get_model_config(name)
    file = download_pretrained_from_hf(name.removeprefix("hf-hub:"), filename=HF_CONFIG_NAME, cache_dir=cache_dir)
    return json.loads(Path(file).read_text(encoding="utf-8")).get("model_cfg", {})


def _hf_tokenizer(name: str, source: str, text: dict, cache_dir: str | None) -> Tokenizer:
    """As open_clip makes it, but for a hub that does not answer."""
    make = partial(
        HFTokenizer,
        context_length=text.get("context_length", DEFAULT_CONTEXT_LENGTH),
        cache_dir=cache_dir,
        tokenizer_mode=text.get("tokenizer_mode"),
        **text.get("tokenizer_kwargs", {}),
    )
    mend = "Set backbone.tokenizer to a local folder that holds it"
    return fetched(find_place(source), make, f"tokenizer {source!r} of {name!r}", mend)
