"""What a user calls an open_clip model and its weights: names and files that exist, or one line with close matches."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import open_clip

from mmneglabel.backbones.open_clip_facts import checked_pixels
from mmneglabel.errors import WeightsError, did_you_mean

SCHEMAS = ("hf-hub:", "local-dir:")


def known_model(model_name: str) -> tuple[str, Mapping[str, Any] | None]:
    """The registered name of a model name, a schema name or an architecture file, and the pixel facts of such a file.

    Raises:
        WeightsError: there is no such model, or no such file.
    """
    if model_name.startswith(SCHEMAS):
        return model_name, None
    if model_name.endswith(".json"):
        return _architecture_file(Path(model_name).expanduser())
    name = model_name.replace("/", "-")
    if name not in open_clip.list_models():
        raise WeightsError(
            f"open_clip knows no model {model_name!r}; {did_you_mean(name, open_clip.list_models())} Set "
            "backbone.model_name to one of open_clip.list_models(), 'hf-hub:org/repo' or an architecture file."
        )
    return name, None


def _architecture_file(path: Path) -> tuple[str, Mapping[str, Any] | None]:
    """Make an architecture file known to open_clip, which would pass over a wrong one in silence.

    Raises:
        ConfigError: the pixel facts beside the architecture cannot be.
        WeightsError: it is none.
    """
    try:
        architecture = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"No open_clip architecture file at {str(path)!r} ({error}): check model_name.") from error
    if not isinstance(architecture, dict) or not {"embed_dim", "vision_cfg", "text_cfg"} <= architecture.keys():
        raise WeightsError(f"{str(path)!r} is no open_clip architecture: it needs embed_dim, vision_cfg and text_cfg.")
    stated = architecture.pop("preprocess_cfg", None)
    # open_clip hands all that the file holds to the model, and knows no pixel facts there.
    with TemporaryDirectory() as folder:
        bare = Path(folder) / path.name
        bare.write_text(json.dumps(architecture), encoding="utf-8")
        open_clip.add_model_config(bare)
    return path.stem, None if stated is None else checked_pixels(stated, f"preprocess_cfg in {str(path)!r}")


def check_pretrained(name: str, pretrained: str | None, load_weights: bool) -> None:
    """Refuse a ``pretrained`` that is neither a tag of the model nor a file.

    Raises:
        WeightsError: it is not, or the model brings its own weights.
    """
    if not pretrained:
        return
    if name.startswith(SCHEMAS):
        raise WeightsError(f"{name!r} brings its own weights: leave out backbone.pretrained={pretrained!r}.")
    # Weights that are not read may lie on another machine.
    path = Path(pretrained)
    if open_clip.is_pretrained_cfg(name, pretrained) or path.is_file():
        return
    if not load_weights and (path.suffix or os.sep in pretrained):
        return
    tags = open_clip.list_pretrained_tags_by_model(name)
    raise WeightsError(
        f"{pretrained!r} is neither a file nor a pretrained tag of {name!r}; {did_you_mean(pretrained, tags)} Set "
        "backbone.pretrained to a tag or a checkpoint file."
    )
