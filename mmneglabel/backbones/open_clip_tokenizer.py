"""The tokenizer of an open_clip model, found offline or refused at once."""

import json
from collections.abc import Callable
from pathlib import Path

import open_clip
from open_clip.constants import HF_CONFIG_NAME
from open_clip.pretrained import download_pretrained_from_hf
from open_clip.tokenizer import DEFAULT_CONTEXT_LENGTH, HFTokenizer
from torch import Tensor

from mmneglabel.backbones.open_clip_hub import ask_hub, proxy_in_use
from mmneglabel.errors import ConfigError, WeightsError

Tokenizer = Callable[[list[str]], Tensor]


def load_tokenizer(name: str, source: str | None, cache_dir: str | None) -> Tokenizer:
    """The tokenizer of the model ``name``, from ``source`` if given: a local folder or a name on the hub.

    Raises:
        ConfigError: a source is given for a model that uses open_clip's own tokenizer.
        WeightsError: it cannot be had.
    """
    text = _config(name, cache_dir).get("text_cfg", {})
    if not text.get("hf_tokenizer_name"):
        if source is not None:
            raise ConfigError(f"{name!r} has open_clip's own tokenizer: leave out backbone.tokenizer={source!r}.")
        return open_clip.get_tokenizer(name, cache_dir=cache_dir)
    if source is None:
        own_folder = name.removeprefix("local-dir:") if name.startswith("local-dir:") else None
        source = own_folder or text["hf_tokenizer_name"]
    return _hf_tokenizer(name, source, text, cache_dir)


def _config(name: str, cache_dir: str | None) -> dict:
    """What says which tokenizer the model has."""
    if not name.startswith("hf-hub:"):
        return open_clip.get_model_config(name)
    file = download_pretrained_from_hf(name.removeprefix("hf-hub:"), filename=HF_CONFIG_NAME, cache_dir=cache_dir)
    return json.loads(Path(file).read_text(encoding="utf-8")).get("model_cfg", {})


def _hf_tokenizer(name: str, source: str, text: dict, cache_dir: str | None) -> Tokenizer:
    """As open_clip makes it, but for a hub that does not answer: then what was fetched before must do.

    Raises:
        WeightsError: it is neither in the folder nor in the cache, and cannot be fetched.
    """
    folder, silent = Path(source).expanduser(), None
    if not folder.is_dir():
        try:
            ask_hub(source)
        except Exception as error:  # the network's, a proxy's or the hub's own
            silent = error
    try:
        return HFTokenizer(
            str(folder) if folder.is_dir() else source,
            context_length=text.get("context_length", DEFAULT_CONTEXT_LENGTH),
            cache_dir=cache_dir,
            tokenizer_mode=text.get("tokenizer_mode"),
            local_files_only=folder.is_dir() or silent is not None,
            **text.get("tokenizer_kwargs", {}),
        )
    except Exception as error:  # whatever the library or a file format raises becomes one line
        reason = " ".join(str(silent or error).split())[:300].rstrip(".")
        raise WeightsError(
            f"The tokenizer {source!r} of {name!r} cannot be had ({reason}{proxy_in_use() if silent else ''}). Set "
            "backbone.tokenizer to a local folder that holds it, or fill the download cache beforehand."
        ) from error
