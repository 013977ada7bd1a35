"""What a user calls an open_clip model and its weights, and which pixels and activation those want.

Names, files and facts that exist, or one line with close matches; facts are known whether or not weights are read.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import open_clip

from mmneglabel.backbones.pixels import checked_pixels
from mmneglabel.errors import ConfigError, WeightsError, did_you_mean

SCHEMAS = ("hf-hub:", "local-dir:")

Facts = dict[str, Any]

PIXELS: Facts = {
    "mean": open_clip.OPENAI_DATASET_MEAN,
    "std": open_clip.OPENAI_DATASET_STD,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
"""CLIP's own pixel facts, which open_clip takes where nothing else is known."""


@dataclass(frozen=True)
class Source:
    """Where a model's architecture and weights come from.

    Attributes:
        name: a name that open_clip knows, or one of its `SCHEMAS`, which brings its own weights.
        stated: the pixel facts that an architecture file states; None where there is no such file or it states none.
        pretrained: a tag, the path of a checkpoint file, or None.
        load_weights: whether they are read, and not followed by a checkpoint of the whole model.
    """

    name: str
    stated: Facts | None = None
    pretrained: str | None = None
    load_weights: bool = True

    @property
    def brings_weights(self) -> bool:
        """Whether the name says where the weights lie."""
        return self.name.startswith(SCHEMAS)

    @property
    def random(self) -> bool:
        """Whether no weights are read now or later, so that nothing can be wrong."""
        return self.load_weights and not (self.pretrained or self.brings_weights)

    @property
    def fills_all(self) -> bool:
        """Whether weights are read that open_clip refuses unless they are all; of a big_vision file it takes a part."""
        return self.load_weights and not self.random and Path(self.pretrained or "").suffix not in (".npz", ".npy")

    @property
    def weights(self) -> str:
        """What to call the weights, at the beginning of a sentence."""
        return f"The weights {self.pretrained!r}" if self.pretrained else "The checkpoint's weights"


def find_source(model_name: str, pretrained: str | None, load_weights: bool) -> Source:
    """What a user names; see :class:`mmneglabel.backbones.OpenCLIPBackbone`.

    Raises:
        WeightsError: ``pretrained`` is neither a tag of the model nor a file, or the model brings its own weights.
    """
    name, stated = known_model(model_name)
    if not pretrained:
        return Source(name, stated, None, load_weights)
    found = Source(name, stated, str(Path(pretrained).expanduser()), load_weights)
    if found.brings_weights:
        raise WeightsError(f"{name!r} brings its own weights: leave out backbone.pretrained={found.pretrained!r}.")
    path = Path(found.pretrained)
    # Weights that are not read may lie on another machine.
    elsewhere = not load_weights and (path.suffix or os.sep in found.pretrained)
    if open_clip.is_pretrained_cfg(name, found.pretrained) or path.is_file() or elsewhere:
        return found
    tags = open_clip.list_pretrained_tags_by_model(name)
    raise WeightsError(
        f"{found.pretrained!r} is neither a file nor a pretrained tag of {name!r}: set backbone.pretrained to one; "
        f"{did_you_mean(found.pretrained, tags)}"
    )


def known_model(model_name: str) -> tuple[str, Facts | None]:
    """The registered name of a model name, a schema name or an architecture file, and the pixel facts of such a file.

    Raises:
        WeightsError: there is no such model.
    """
    if model_name.startswith(SCHEMAS):
        return model_name, None
    if model_name.endswith(".json"):
        return _architecture_file(Path(model_name).expanduser())
    name = model_name.replace("/", "-")
    if name not in open_clip.list_models():
        raise WeightsError(
            f"open_clip knows no model {model_name!r}: set backbone.model_name to one of open_clip.list_models(), "
            f"'hf-hub:org/repo' or an architecture file; {did_you_mean(name, open_clip.list_models())}"
        )
    return name, None


def _architecture_file(path: Path) -> tuple[str, Facts | None]:
    """Make an architecture file known to open_clip, which would pass over a wrong one in silence."""
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
    return path.stem, None if stated is None else checked_pixels(stated, PIXELS, f"preprocess_cfg in {str(path)!r}")


def model_facts(source: Source, preprocess: str | Mapping[str, Any] | None, quick_gelu: bool | None) -> Facts:
    """The pixel facts of a model, and "quick_gelu"; of one that brings its weights, what differs from its own.

    What the user gives comes before all else. The name of a pretrained tag decides the others, and so does an
    architecture file that states them. Of weights in a file of the user's, all tags of the architecture must agree.
    For ``preprocess`` and ``quick_gelu`` see :class:`mmneglabel.backbones.OpenCLIPBackbone`.

    Raises:
        ConfigError: a tag is given for a model that has none.
        WeightsError: it is none of the model's.
    """
    name, tag = source.name, preprocess if isinstance(preprocess, str) else None
    given = {} if tag else checked_pixels(preprocess or {}, PIXELS, "backbone.preprocess")
    if quick_gelu is not None:
        given["quick_gelu"] = bool(quick_gelu)
    if source.brings_weights:
        if tag:
            raise ConfigError(f"{name!r} has no pretrained tags: give backbone.preprocess={tag!r} as dict(mean=...).")
        return given
    plain = PIXELS | {"quick_gelu": bool(open_clip.get_model_config(name).get("quick_gelu"))}
    if tag is None and source.stated is not None:
        return plain | source.stated | given
    if tag is None and source.pretrained and open_clip.is_pretrained_cfg(name, source.pretrained):
        tag = source.pretrained
    tags = open_clip.list_pretrained_tags_by_model(name)
    if tag is None:
        return _common_facts(source, plain | given, {known: plain | _of_tag(name, known) | given for known in tags})
    if not open_clip.is_pretrained_cfg(name, tag):
        raise WeightsError(f"preprocess={tag!r} is no pretrained tag of {name!r}; {did_you_mean(tag, tags)}")
    return plain | _of_tag(name, tag) | given


def _of_tag(name: str, tag: str) -> Facts:
    """What a tag states; the others are the architecture's."""
    config = open_clip.get_pretrained_cfg(name, tag)
    return {key: config[key] for key in (*PIXELS, "quick_gelu") if key in config}


def _common_facts(source: Source, otherwise: Facts, by_tag: dict[str, Facts]) -> Facts:
    """What all tags agree on; the facts ``otherwise`` known where there are no tags, or no weights are read."""
    # An architecture without tags has no values of a key: then what is known of it otherwise stands for them.
    values = {key: [facts[key] for facts in by_tag.values()] or [otherwise[key]] for key in otherwise}
    common = {key: found[0] for key, found in values.items()}
    if differing := {key: found for key, found in values.items() if any(value != found[0] for value in found)}:
        if source.random:  # weights that nobody trained want no pixels in particular, so the tags may disagree
            return otherwise
        told = (f"{key}: {' or '.join(dict.fromkeys(map(str, found)))}" for key, found in differing.items())
        raise ConfigError(
            f"{source.weights} may be of any published tag of {source.name!r}, and those differ ({'; '.join(told)}): "
            f"set backbone.preprocess to the tag whose settings they share ({', '.join(by_tag)}), or give "
            f"{' and '.join(differing)} yourself (backbone.quick_gelu=..., backbone.preprocess=dict(...))."
        )
    inferred = [f"{key}={value!r}" for key, value in common.items() if value != otherwise[key]]
    if inferred and not source.random:
        logging.getLogger(__name__).warning(
            "%s of %r are taken to want what all its published tags (%s) do: %s.",
            source.weights, source.name, ", ".join(by_tag), ", ".join(inferred),
        )  # fmt: skip
    return common
