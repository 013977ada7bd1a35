"""Rows of the papers' tables, as data: backbone, ID set, OOD sets, protocol and what was published, with its evidence.

Published numbers are AUROC and FPR95 in percent, the latter with the protocol's positive class. A row without a number
that could be confirmed has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmneglabel.catalogue.protocols import PROTOCOLS
from mmneglabel.errors import ConfigError, did_you_mean

Numbers = Mapping[str, tuple[float | None, float]]
"""OOD set, group or "mean" -> AUROC, None where it was not told, and FPR95; in percent."""

_CLIP = {"mean": (0.48145466, 0.4578275, 0.40821073), "std": (0.26862954, 0.26130258, 0.27577711)}

BACKBONES: dict[str, dict[str, Any]] = {
    "rn50": {"model_name": "RN50", "pretrained": "openai"},
    "rn101": {"model_name": "RN101", "pretrained": "openai"},
    "rn50x4": {"model_name": "RN50x4", "pretrained": "openai"},
    "rn50x16": {"model_name": "RN50x16", "pretrained": "openai"},
    "rn50x64": {"model_name": "RN50x64", "pretrained": "openai"},
    "vit-b32": {"model_name": "ViT-B-32", "pretrained": "openai"},
    "vit-b16": {"model_name": "ViT-B-16", "pretrained": "openai"},
    "vit-l14": {"model_name": "ViT-L-14", "pretrained": "openai"},
    "vit-l14-336": {"model_name": "ViT-L-14-336", "pretrained": "openai"},
    "openclip-vit-b16": {"model_name": "ViT-B-16", "pretrained": "laion2b_s34b_b88k"},
    # CSP's code has CLIP's mean and std, and cuts the middle, whatever the tower was trained on.
    "clipa-l14-336": {
        "model_name": "ViT-L-14-CLIPA-336",
        "pretrained": "datacomp1b",
        "preprocess": {**_CLIP, "resize_mode": "shortest"},
    },
    "eva02-l14-336": {"model_name": "EVA02-L-14-336", "pretrained": "merged2b_s6b_b61k"},
    # CSP's authors resize the short edge to 289; ALIGN's own pixels are cut from 346x346. Whether they ran it with
    # ALIGN's mean and std, which stand in their code as a comment, is not known.
    "align": {
        "type": "TransformersBackbone",
        "model_name": "kakaobrain/align-base",
        "preprocess": {"resize_mode": "shortest", "resized_to": None},
    },
    "altclip": {"type": "TransformersBackbone", "model_name": "BAAI/AltCLIP"},
    "groupvit": {"type": "TransformersBackbone", "model_name": "nvidia/groupvit-gcc-yfcc", "preprocess": _CLIP},
}
"""Names in rows -> the backbone's config, an ``OpenCLIPBackbone``'s where it has no type."""

MOS = ("iNaturalist", "SUN", "Places", "Textures")
NEGREFINE = ("iNaturalist", "OpenImage-O", "Clean", "NINCO")
OPENOOD = ("SSB-hard", "NINCO", "iNaturalist", "Textures", "OpenImage-O")


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row of a paper's table.

    Attributes:
        protocol: name of the paper's protocol.
        table: which of its tables.
        backbone: one of `BACKBONES`.
        id_set: name of the in-distribution set.
        ood_sets: names of the others.
        published: score, as tables call it, those of streams with their mark -> its numbers.
        evidence: where they were read; empty where there are none.
    """

    protocol: str
    table: str
    backbone: str
    id_set: str
    ood_sets: Sequence[str]
    published: Mapping[str, Numbers] = field(default_factory=dict)
    evidence: str = ""

    @property
    def name(self) -> str:
        """What it is called on a command line, such as ``csp/vit-b16/cub-200``; an only OOD set stands in it."""
        slug = self.id_set.lower().replace(" ", "-")
        if len(self.ood_sets) == 1:
            slug += "-vs-" + self.ood_sets[0].lower().replace(" ", "-")
        return f"{self.protocol}/{self.backbone}/{slug}"


_CSP_BACKBONES = (
    "rn50", "rn101", "rn50x4", "rn50x16", "rn50x64", "vit-b32", "vit-l14", "vit-l14-336", "clipa-l14-336",
    "eva02-l14-336", "align", "altclip", "groupvit",
)  # fmt: skip
_SHIFTED = ("ImageNet-A", "ImageNet-R", "ImageNet-Sketch", "ImageNet-V2")
_FINE = ("CUB-200", "Stanford Cars", "Food-101", "Oxford Pets")

_NEGLABEL_B16 = {
    "iNaturalist": (99.49, 1.91), "SUN": (95.49, 20.53), "Places": (91.64, 35.59), "Textures": (90.22, 43.56),
    "mean": (94.21, 25.40),
}  # fmt: skip
_VLM = {
    "NegLabel": {
        "iNaturalist": (99.52, 1.24), "SUN": (95.46, 21.55), "Places": (92.15, 38.54), "Textures": (91.11, 38.54),
        "mean": (94.56, 24.97),
    },
    "MCM": {
        "iNaturalist": (92.98, 28.69), "SUN": (90.64, 37.36), "Places": (87.30, 53.75), "Textures": (85.19, 58.71),
        "mean": (89.03, 44.63),
    },
}  # fmt: skip
_VLM_HARD = {
    "NegLabel": {"SSB-hard": (72.81, 77.58), "NINCO": (77.93, 60.93)},
    "MCM": {"SSB-hard": (66.10, 84.70), "NINCO": (76.23, 67.55)},
}
_V15 = {
    "NegLabel": {"near": (76.95, 68.34), "far": (93.26, 27.46)},
    "MCM": {
        "SSB-hard": (63.01, 86.29), "NINCO": (74.06, 71.64), "iNaturalist": (86.40, 56.07),
        "Textures": (81.82, 67.50), "OpenImage-O": (86.06, 56.91), "near": (68.54, 78.96), "far": (84.76, 60.16),
    },
}  # fmt: skip
_V15_OPENCLIP = {
    "NegLabel": {
        "SSB-hard": (77.40, 69.20), "NINCO": (80.46, 64.13), "iNaturalist": (99.13, 4.10), "Textures": (89.71, 42.78),
        "OpenImage-O": (93.07, 34.58), "near": (78.93, 66.67), "far": (93.97, 27.15),
    }
}  # fmt: skip
_NEGREFINE = {
    "NegRefine": {
        "iNaturalist": (99.57, 1.51), "OpenImage-O": (95.02, 24.03), "Clean": (90.70, 33.04), "NINCO": (81.90, 62.11),
        "mean": (91.79, 30.12),
    },
    "CSP": {"mean": (89.97, 34.47)}, "NegLabel": {"mean": (89.33, 35.11)}, "GL-MCM": {"mean": (87.54, 44.46)},
    "MCM": {"mean": (86.04, 52.59)},
}  # fmt: skip
_ADANEG = {
    "AdaNeg (stream)": {
        "iNaturalist": (99.71, 0.55), "SUN": (97.35, 10.62), "Places": (94.17, 33.92), "Textures": (95.56, 26.70),
        "mean": (96.70, 17.95),
    },
    "AdaNeg-sample (stream)": {
        "iNaturalist": (99.71, 0.71), "SUN": (97.23, 10.99), "Places": (94.10, 34.38), "Textures": (94.85, 28.84),
        "mean": (96.47, 18.73),
    },
    "NegLabel": _VLM["NegLabel"],
}  # fmt: skip
_ADANEG_NEAR = {
    "AdaNeg (stream)": {"SSB-hard": (74.97, 74.26), "NINCO": (78.14, 61.23), "mean": (76.55, 67.74)},
    "AdaNeg-sample (stream)": {"SSB-hard": (74.85, 74.71), "NINCO": (77.95, 61.68), "mean": (76.40, 68.19)},
    "NegLabel": {**_VLM_HARD["NegLabel"], "mean": (75.37, 69.25)},
}
_TANL_OPENCLIP = {
    "TANL (stream)": {
        "SSB-hard": (84.70, 61.21), "NINCO": (78.94, 70.18), "iNaturalist": (99.72, 0.65), "Textures": (94.73, 24.08),
        "OpenImage-O": (92.85, 36.56), "near": (81.82, 65.69), "far": (95.77, 20.43),
    },
    **_V15_OPENCLIP,
}  # fmt: skip
_OODD = {
    "OODD (stream)": {
        "iNaturalist": (99.79, 0.85), "SUN": (97.18, 12.94), "Places": (92.52, 30.68), "Textures": (94.51, 30.67),
        "mean": (96.00, 18.79),
    }
}  # fmt: skip
_VLM_LOG = "the log of a run that is kept in OpenOOD-VLM's repository"


def _rows(protocol: str, table: str, backbones: str, id_sets: str | Sequence[str], ood_sets: Sequence[str], **known: Any
          ) -> Iterator[TableRow]:  # fmt: skip
    """A row for each backbone and each ID set."""
    for backbone in backbones.split():
        for id_set in [id_sets] if isinstance(id_sets, str) else id_sets:
            yield TableRow(protocol=protocol, table=table, backbone=backbone, id_set=id_set, ood_sets=ood_sets, **known)


def _all() -> Iterator[TableRow]:
    """Every row, paper by paper."""
    told = {"published": {"NegLabel": _NEGLABEL_B16}, "evidence": "the paper"}
    yield from _rows("neglabel", "main", "vit-b16", "ImageNet-1k", MOS, **told)
    yield from _rows("neglabel", "backbones", "rn50 vit-b32 vit-l14", "ImageNet-1k", MOS)

    told = {
        "published": {"CSP": {"mean": (95.76, 17.51)}, "NegLabel": _NEGLABEL_B16},
        "evidence": "later papers, which quote it",
    }
    yield from _rows("csp", "main", "vit-b16", "ImageNet-1k", MOS, **told)
    yield from _rows("csp", "backbones", " ".join(_CSP_BACKBONES), "ImageNet-1k", MOS)
    yield from _rows("csp", "shift", "vit-b16", _SHIFTED, MOS)
    yield from _rows("csp", "fine-grained", "vit-b16", _FINE, MOS)
    for id_set, ood_set in (("10", "20"), ("20", "10"), ("10", "100"), ("100", "10")):
        yield from _rows("csp", "hard", "vit-b16", f"ImageNet-{id_set}", (f"ImageNet-{ood_set}",))
    yield from _rows("csp", "hard", "vit-b16", ("ImageNet-10", "ImageNet-20", "ImageNet-100"), MOS)
    yield from _rows("csp", "hard", "vit-l14-336", "ImageNet-1k", ("ImageNet-O",))
    yield from _rows("csp", "hard", "vit-b16", "Waterbirds", ("Places background",))

    told = {
        "published": _NEGREFINE,
        "evidence": "the authors' result.txt, seed 0; means: the paper's, of ten seeds; with which settings it ran CSP "
        "is not said",
    }
    yield from _rows("negrefine", "main", "vit-b16", "ImageNet-1k", NEGREFINE, **told)
    yield from _rows("negrefine", "shift", "vit-b16", _SHIFTED, NEGREFINE)
    yield from _rows("negrefine", "fine-grained", "vit-b16", _FINE, NEGREFINE)
    for id_set, ood_set in (("10", "20"), ("20", "10"), ("10", "99"), ("99", "10")):
        yield from _rows("negrefine", "hard", "vit-b16", f"ImageNet-{id_set}", (f"ImageNet-{ood_set}",))
    yield from _rows("negrefine", "hard", "vit-b16", "Waterbirds", ("Places background",))

    for backbone, numbers in (
        ("vit-b32", None),
        ("vit-b16", {"iNaturalist": (94.61, 30.91), "Textures": (86.11, 57.77)}),
        ("vit-l14", {"iNaturalist": (94.95, 28.38), "Textures": (84.88, 59.88)}),
    ):
        told = {"published": {"MCM": numbers}, "evidence": "the paper, by a copy of its leaderboard"} if numbers else {}
        yield from _rows("mcm", "main", backbone, "ImageNet-1k", MOS, **told)
    yield from _rows("mcm", "main", "vit-b32 vit-b16 vit-l14", "ImageNet-100", MOS)
    yield from _rows("mcm", "small", "vit-b16", ("ImageNet-10", "ImageNet-20"), MOS)
    yield from _rows("mcm", "fine-grained", "vit-b16", _FINE, MOS)
    yield from _rows("mcm", "hard", "vit-b16", "ImageNet-10", ("ImageNet-20",))
    yield from _rows("mcm", "hard", "vit-b16", "ImageNet-20", ("ImageNet-10",))
    yield from _rows("mcm", "hard", "vit-b16", "Waterbirds", ("Places background",))

    yield from _rows("glmcm", "main", "vit-b16", "ImageNet-1k", MOS)

    yield from _rows("eoe", "main", "vit-b16", "ImageNet-1k", MOS)
    yield from _rows("eoe", "hard", "vit-b16", "ImageNet-10", ("ImageNet-20",))
    yield from _rows("eoe", "hard", "vit-b16", "ImageNet-20", ("ImageNet-10",))

    told = {"published": _V15, "evidence": _VLM_LOG}
    yield from _rows("openood-v1.5", "near and far", "vit-b16", "ImageNet-1k", OPENOOD, **told)
    told = {"published": _V15_OPENCLIP, "evidence": f"{_VLM_LOG}; which of OpenCLIP's weights is not said"}
    yield from _rows("openood-v1.5", "near and far", "openclip-vit-b16", "ImageNet-1k", OPENOOD, **told)
    yield from _rows("openood-v1.5", "near and far", "vit-b16", "ImageNet-200", OPENOOD)
    yield from _rows("openood-v1.5-full-spectrum", "near and far", "vit-b16 openclip-vit-b16", "ImageNet-1k", OPENOOD)
    for classes, other in ((10, 100), (100, 10)):
        near, far = (f"CIFAR-{other}", "Tiny ImageNet"), ("MNIST", "SVHN", "Textures", "Places365")
        protocol = f"openood-v1.5-cifar{classes}"
        yield from _rows(protocol, "near and far", "vit-b16", f"CIFAR-{classes}", (*near, *far))
    hard = {score: {**_VLM[score], **_VLM_HARD[score]} for score in _VLM}
    for score in hard:
        hard[score].pop("mean")  # which is of the first four
    yield from _rows("openood-vlm", "main", "vit-b16", "ImageNet-1k", (*MOS, "SSB-hard", "NINCO"),
                     published=hard, evidence=_VLM_LOG)  # fmt: skip

    told = {"published": _ADANEG, "evidence": _VLM_LOG}
    yield from _rows("adaneg", "main", "vit-b16", "ImageNet-1k", MOS, **told)
    told = {"published": _ADANEG_NEAR, "evidence": _VLM_LOG}
    yield from _rows("adaneg-near", "near", "vit-b16", "ImageNet-1k", ("SSB-hard", "NINCO"), **told)

    told = {
        "published": {"TANL (stream)": {"mean": (None, 9.8)}},
        "evidence": "the paper's abstract; with which alpha and step is not said",
    }
    yield from _rows("tanl", "main", "vit-b16", "ImageNet-1k", MOS, **told)
    yield from _rows("tanl-openood-v1.5", "near and far", "vit-b16", "ImageNet-1k", OPENOOD)
    told = {"published": _TANL_OPENCLIP, "evidence": f"{_VLM_LOG}; the weights are those its code takes by default"}
    yield from _rows("tanl-openood-v1.5", "near and far", "openclip-vit-b16", "ImageNet-1k", OPENOOD, **told)

    told = {"published": _OODD, "evidence": "the log of a run that is kept in the authors' repository"}
    yield from _rows("oodd", "main", "vit-b16", "ImageNet-1k", MOS, **told)


ROWS: dict[str, TableRow] = {row.name: row for row in _all()}
"""Rows by name."""


def takes_of(rows: Sequence[TableRow]) -> dict[tuple[str, str | None], None]:
    """The sets of these rows, each with the name of what is taken of it, in order and once."""
    taken: dict[tuple[str, str | None], None] = {}
    for row in rows:
        protocol = PROTOCOLS[row.protocol]
        taken[row.id_set, protocol.take(row.id_set)] = None
        taken |= dict.fromkeys((name, protocol.take(name, ood=True)) for name in row.ood_sets)
    return taken


def find_rows(names: Sequence[str]) -> list[TableRow]:
    """The rows of these names; a protocol, or a protocol and a table as in ``csp/hard``, stands for all of its rows.

    Raises:
        ConfigError: there is none of a name.
    """
    tables = {f"{row.protocol}/{row.table}" for row in ROWS.values()}
    found: dict[str, TableRow] = {}
    for name in names:
        mine = {key: row for key, row in ROWS.items() if name in (key, row.protocol, f"{row.protocol}/{row.table}")}
        if not mine:
            raise ConfigError(f"No row, table or protocol {name!r}: {did_you_mean(name, {*ROWS, *tables, *PROTOCOLS})}")
        found |= mine
    return list(found.values())
