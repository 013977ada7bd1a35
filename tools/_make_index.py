"""What make_index.py does: folders of configs, their READMEs and papers' rows as OpenMMLab's index and as tables."""

import re
from pathlib import Path
from typing import Any

import yaml

from mmneglabel.catalogue import PROTOCOLS, ROWS, TableRow
from mmneglabel.cli.listing import leaderboard, published_table
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.scores.stream import MARK
from mmneglabel.storage.text_files import read_text, write_atomically

ROOT = Path(__file__).resolve().parents[1]
COLLECTIONS = {
    "adaneg": ("AdaNeg", ["CLIP"]),
    "csp": ("CSP", ["CLIP", "ALIGN", "AltCLIP", "GroupViT"]),
    "eoe": ("EOE", ["CLIP"]),
    "label-based": ("Label-based OOD detection", ["CLIP"]),
    "mcm": ("MCM", ["CLIP"]),
    "neglabel": ("NegLabel", ["CLIP"]),
    "negrefine": ("NegRefine", ["CLIP"]),
    "oodd": ("OODD", ["CLIP"]),
    "posthoc": ("Post-hoc detection", ["ResNet", "ViT"]),
    "tagfog": ("TagFog", ["ResNet", "WideResNet"]),
    "tanl": ("TANL", ["CLIP"]),
}
"""Folder -> its collection, called as its score where rows have one, and the architectures in it."""

# The paper asks a language model; asking WordNet is another run, of which nothing is published.
_PROTOCOL_OF = {"negrefine-llm": "negrefine", "negrefine": ""}
_MADE = "# Made by tools/make_index.py."
_RESULTS = "# Results, if any, are published, not runs of these configs: AUROC and FPR95 with {} positive, in percent."
_FPR95 = {"ID": "FPR95", "OOD": "FPR95-OOD"}  # two numbers of the same scores: under two names
_BEGIN, _END = "<!-- made by tools/make_index.py -->", "<!-- made until here -->"


def run(check: bool = False) -> None:
    """Write the files that are out of date.

    Raises:
        DataError: there are such, and this is but a check.
    """
    files = made().items()
    stale = {name: text for name, text in files if not (ROOT / name).is_file() or _read(name) != text}
    if check and stale:
        raise DataError(f"Not as configs and rows have it: {', '.join(stale)}; run python tools/make_index.py")
    for name, text in stale.items():
        write_atomically(ROOT / name, text)
        print(f"wrote {name}")


def made() -> dict[str, str]:
    """Every file that is made, or has a part that is, with its text."""
    folders = sorted({path.parent.name for path in ROOT.glob("configs/[!_]*/*.py")})
    files = {"model-index.yml": _yaml(_MADE, {"Import": [f"configs/{folder}/metafile.yml" for folder in folders]})}
    for folder in folders:
        comment = f"{_MADE}\n{_RESULTS.format(_positive(folder))}"
        files[f"configs/{folder}/metafile.yml"] = _yaml(comment, metafile(folder))
        if tables := [published_table(row) for row in ROWS.values() if _of(row, folder) and row.published]:
            files[f"configs/{folder}/README.md"] = _filled(f"configs/{folder}/README.md", "\n".join(tables))
    return files | {"docs/leaderboard.md": _filled("docs/leaderboard.md", leaderboard(list(ROWS.values())))}


def _of(row: TableRow, folder: str) -> bool:
    """Whether it is a row of the folder's method: of its protocol, or of one that only has other sets."""
    return row.protocol == folder or row.protocol.startswith(f"{folder}-")


def _positive(folder: str) -> str:
    """The class that is positive in the FPR95 of the folder's rows."""
    return PROTOCOLS[folder].positive if folder in PROTOCOLS else "ID"


def metafile(folder: str) -> dict[str, Any]:
    """A collection with the paper that its README names first, and an entry a config."""
    if folder not in COLLECTIONS:
        raise ConfigError(f"configs/{folder} has no collection: name one in COLLECTIONS of tools/_make_index.py")
    name, architectures = COLLECTIONS[folder]
    readme = f"configs/{folder}/README.md"
    if not (paper := re.search(r"^> .*?\[(?P<Title>.+?)\]\((?P<URL>.+?)\)", _read(readme), re.MULTILINE)):
        raise DataError(f"{readme} names no paper: begin a line with '> [title](address)'")
    head = {"Name": name, "Metadata": {"Architecture": architectures}, "Paper": paper.groupdict(), "README": readme}
    models = [_model(path, name) for path in sorted(ROOT.glob(f"configs/{folder}/*.py"))]
    return {"Collections": [head], "Models": models}


def _model(config: Path, collection: str) -> dict[str, Any]:
    """A config's entry; with results where its row has numbers of the collection's score on single sets."""
    path = config.relative_to(ROOT).as_posix()
    entry: dict[str, Any] = {"Name": config.stem, "In Collection": collection, "Config": path}
    # mcm_clip-vit-b16_in1k runs mcm/vit-b16/imagenet-1k.
    named = re.fullmatch(r"(.+?)_(?:clip-)?(.+)_in1k", config.stem)
    row = named and ROWS.get(f"{_PROTOCOL_OF.get(named[1], named[1])}/{named[2]}/imagenet-1k")
    # Of streams a table has names of their own.
    numbers = row.published.get(collection, row.published.get(f"{collection}{MARK}", {})) if row else {}
    if sets := [name for name in numbers if name in row.ood_sets]:
        entry["Metadata"] = {"Results From": row.evidence}
        entry["Results"] = [
            {
                "Task": "Out-of-Distribution Detection",
                "Dataset": f"{row.id_set} against {name}",
                "Metrics": dict(zip(("AUROC", _FPR95[_positive(config.parent.name)]), numbers[name], strict=True)),
            }
            for name in sets
        ]
    return entry


def _filled(name: str, tables: str) -> str:
    """A page with the tables between its marks."""
    before, begin, rest = _read(name).partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise DataError(f"{name} has no place for published numbers: give it the lines {_BEGIN} and {_END}")
    return f"{before}{begin}\n\n{tables.strip()}\n\n{end}{after}"


def _yaml(comment: str, data: dict[str, Any]) -> str:
    return f"{comment}\n{yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)}"


def _read(name: str) -> str:
    return read_text(ROOT / name, "file")
