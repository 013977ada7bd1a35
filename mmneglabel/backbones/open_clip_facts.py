"""Which pixels and which activation an open_clip model wants: known from its name, whether or not weights are read."""

import logging
from collections.abc import Mapping
from typing import Any

import open_clip

from mmneglabel.backbones.preprocessing import Preprocessing
from mmneglabel.errors import ConfigError, WeightsError, did_you_mean

Facts = dict[str, Any]

PIXELS: Facts = {
    "mean": open_clip.OPENAI_DATASET_MEAN,
    "std": open_clip.OPENAI_DATASET_STD,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
"""CLIP's own pixel facts, which open_clip takes where nothing else is known."""


def model_facts(
    name: str, stated: Mapping[str, Any] | None, pretrained: str | None, given: Facts, tag: str | None, random: bool
) -> Facts:
    """The pixel facts of a model that open_clip knows by name, and "quick_gelu".

    The name of a pretrained tag decides them, and so does an architecture file that states them. Of weights in a file
    of the user's, all tags of the architecture must agree as far as nothing is given.

    Args:
        name: the architecture.
        stated: the pixel facts that its file states, if it does.
        pretrained: a tag of it, the path of a checkpoint file, or None.
        given: what the user says of pixels and activation; it comes before all else.
        tag: a pretrained tag whose facts a checkpoint file shares, if the user names one.
        random: whether no weights are read now or later, so that nothing can be wrong.

    Raises:
        WeightsError: ``tag`` is none of the architecture's.
    """
    plain = PIXELS | {"quick_gelu": bool(open_clip.get_model_config(name).get("quick_gelu"))}
    if tag is None and stated is not None:
        return plain | dict(stated) | given
    if tag is None and pretrained and open_clip.is_pretrained_cfg(name, pretrained):
        tag = pretrained
    if tag is None:
        return _common_facts(name, plain, given, pretrained, random)
    if not open_clip.is_pretrained_cfg(name, tag):
        tags = open_clip.list_pretrained_tags_by_model(name)
        raise WeightsError(f"preprocess={tag!r} is no pretrained tag of {name!r}; {did_you_mean(tag, tags)}")
    return plain | _of_tag(name, tag) | given


def _common_facts(name: str, plain: Facts, given: Facts, pretrained: str | None, random: bool) -> Facts:
    """What all tags of the architecture agree on; the architecture's own facts where it has none, or reads no weights.

    Raises:
        ConfigError: the tags disagree.
    """
    tags = open_clip.list_pretrained_tags_by_model(name)
    known = [plain | _of_tag(name, tag) | given for tag in tags] or [plain | given]
    agree = all(facts == known[0] for facts in known)
    if random:
        return known[0] if agree else plain | given
    if not agree:
        raise ConfigError(_disagreement(name, known, tags, pretrained))
    if inferred := [f"{key}={value!r}" for key, value in known[0].items() if value != (plain | given)[key]]:
        logging.getLogger(__name__).warning(
            "%s of %r are taken to want what all its published tags (%s) do: %s.",
            _weights(pretrained), name, ", ".join(tags), ", ".join(inferred),
        )  # fmt: skip
    return known[0]


def checked_pixels(given: Mapping[str, Any], whose: str) -> Facts:
    """Pixel facts that a user wrote down, refused before anything is fetched or built.

    Raises:
        ConfigError: one is unknown or cannot be.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"{whose} is {given!r}: give dict(mean=..., std=...) or the name of a pretrained tag.")
    if unknown := sorted(given.keys() - PIXELS):
        raise ConfigError(f"{whose} has no {unknown[0]!r}; {did_you_mean(unknown[0], PIXELS)}")
    Preprocessing((1, 1), **PIXELS | dict(given))
    return dict(given)


def _of_tag(name: str, tag: str) -> Facts:
    """What a tag states; the others are the architecture's."""
    config = open_clip.get_pretrained_cfg(name, tag)
    return {key: config[key] for key in (*PIXELS, "quick_gelu") if key in config}


def _weights(pretrained: str | None) -> str:
    return f"The weights {pretrained!r}" if pretrained else "The checkpoint's weights"


def _disagreement(name: str, known: list[Facts], tags: list[str], pretrained: str | None) -> str:
    """One line: what is not known of the weights, and the ways to say it."""
    differing = [key for key in known[0] if any(facts[key] != known[0][key] for facts in known)]
    values = [f"{key}: {' or '.join(dict.fromkeys(str(facts[key]) for facts in known))}" for key in differing]
    return (
        f"{_weights(pretrained)} may be of any published tag of {name!r}, and those differ ({'; '.join(values)}): set "
        f"backbone.preprocess to the tag whose settings they share ({', '.join(tags)}), or give "
        f"{' and '.join(differing)} yourself (backbone.quick_gelu=..., backbone.preprocess=dict(...))."
    )
