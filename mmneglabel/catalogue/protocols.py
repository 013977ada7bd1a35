"""How each paper tests, as data: what differs from the sets' own facts and from the shipped config of its method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mmneglabel.catalogue.sets import find_set
from mmneglabel.errors import ConfigError, did_you_mean

_SKETCH = (
    "a sketch of a {}", "a sketch of the {}", "a close-up photo of the nice {}.", "a photo with the nice {}.",
    "a good photo with the nice {}.", "a photo of the nice {}.", "{}", "the {}", "the good {}", "the nice {}",
)  # fmt: skip
_CSP_PROMPTS = {"ImageNet-Sketch": {"label": _SKETCH, "noun": _SKETCH}}
_CSP_NAMES = {"ImageNet-A": "imagenet_a_names_csp", "ImageNet-R": "imagenet_r_names_csp"}
_MCM_NAMES = {"ImageNet-10": "imagenet10_names_mcm", "ImageNet-20": "imagenet20_names_mcm"}
_TEST_SPLITS = {"CUB-200": "test", "Food-101": "test", "Oxford Pets": "test"}
_OPENOOD = ("ImageNet-1k", "SSB-hard", "NINCO", "iNaturalist", "Textures", "OpenImage-O")


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How a paper tests.

    Attributes:
        title: the paper.
        config: the shipped config that has its methods, words and pixels, on ImageNet-1k with CLIP ViT-B/16.
        positive: the class that is positive in its FPR95.
        takes: set -> which of its pictures are taken, where not all.
        ood_takes: the same of sets that stand as OOD, where that is another choice.
        names: ID set -> the class list whose names are prompted with, where not the set's own.
        prompts: ID set -> templates of CSP's words, where not the method's own.
        groups: near and far sets, as ``OODBenchmark`` takes them.
    """

    title: str
    config: str
    positive: Literal["ID", "OOD"] = "ID"
    takes: Mapping[str, str] = field(default_factory=dict)
    ood_takes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def take(self, name: str, ood: bool = False) -> str | None:
        """Which pictures of a set the paper takes; None: all."""
        return (self.ood_takes if ood else {}).get(name, self.takes.get(name))

    def class_list(self, id_set: str) -> str:
        """The class list whose names the paper prompts with.

        Raises:
            ConfigError: nobody takes the set as in-distribution.
        """
        if (classes := self.names.get(id_set, find_set(id_set).classes)) is None:
            raise ConfigError(f"{id_set!r} has no classes, so it is no ID set")
        return classes


PROTOCOLS: dict[str, Protocol] = {
    "neglabel": Protocol(title="NegLabel (ICLR 2024)", config="neglabel/neglabel_clip-vit-b16_in1k.py"),
    "csp": Protocol(
        title="CSP (NeurIPS 2024)",
        config="csp/csp_clip-vit-b16_in1k.py",
        names=_CSP_NAMES,
        prompts=_CSP_PROMPTS,
    ),
    "negrefine": Protocol(
        title="NegRefine (ICCV 2025)",
        config="negrefine/negrefine_clip-vit-b16_in1k.py",
        takes={"NINCO": "no-gif"},
        names=_CSP_NAMES,
        prompts=_CSP_PROMPTS,
    ),
    "mcm": Protocol(
        title="MCM (NeurIPS 2022)",
        config="mcm/mcm_clip-vit-b16_in1k.py",
        takes={**_TEST_SPLITS, "Waterbirds": "val"},
        ood_takes={"ImageNet-10": "train"},
        names=_MCM_NAMES,
    ),
    "eoe": Protocol(title="EOE (ICML 2024)", config="eoe/eoe_clip-vit-b16_in1k.py", takes=_TEST_SPLITS),
    "openood-v1.5": Protocol(
        title="OpenOOD v1.5",
        config="neglabel/neglabel_clip-vit-b16_openood-v15.py",
        positive="OOD",
        takes=dict.fromkeys(_OPENOOD, "openood"),
        groups={"near": ("SSB-hard", "NINCO"), "far": ("iNaturalist", "Textures", "OpenImage-O")},
    ),
    "openood-vlm": Protocol(
        title="OpenOOD-VLM's runs on all pictures of a set",
        config="neglabel/neglabel_clip-vit-b16_openood-vlm.py",
        positive="OOD",
    ),
}
"""Protocols by name."""


def find_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f"No protocol {name!r}: {did_you_mean(name, PROTOCOLS)}")
    return PROTOCOLS[name]
