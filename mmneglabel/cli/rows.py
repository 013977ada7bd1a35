"""A row of a paper's table as a config: the shipped one of its method, with what its paper does otherwise."""

import hashlib
from copy import deepcopy
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict
from mmpretrain.registry import TASK_UTILS

from mmneglabel.catalogue import BACKBONES, ROWS, TableRow, find_protocol, set_config
from mmneglabel.cli.options import READ
from mmneglabel.corpus.words import AUTHORS_CORPUS, AUTHORS_FOLDER
from mmneglabel.errors import ConfigError, did_you_mean
from mmneglabel.methods import resolve
from mmneglabel.storage.resources import shipped_config
from mmneglabel.storage.store import cache_folder
from mmneglabel.storage.text_files import as_path, write_atomically


def compose(row: TableRow, data_root: str = "data") -> Config:
    """The config of a row: the shipped one of its method, on the row's backbone and sets, with its paper's names."""
    data_root = str(as_path(data_root, "data_root"))  # a shell leaves the tilde of --data-root=~/data
    protocol = find_protocol(row.protocol)
    config = _base(protocol.config)
    config.model.backbone = ConfigDict({"type": "OpenCLIPBackbone", **BACKBONES[row.backbone]})
    config.model.class_names = protocol.class_list(row.id_set)
    scores = resolve(config.model.scores)
    for score in scores.values():
        pool = score["bank"].get("pool", score["bank"])
        pool.update(deepcopy(dict(protocol.banks.get(row.id_set, {}).get(pool["type"], {}))))
        _move_words(pool, data_root)
    config.model.scores = ConfigDict(scores)
    benchmark = config.test_dataloader.dataset
    benchmark.id_set = ConfigDict(_id_set(row, data_root))
    benchmark.ood_sets = [
        ConfigDict(set_config(name, protocol.take(name, ood=True), data_root)) for name in row.ood_sets
    ]
    for step in benchmark.get("pipeline", ()) if protocol.resized_to else ():
        step.update({"scale": protocol.resized_to} if step.type == "ResizeEdge" else {})
    benchmark.groups = {name: list(sets) for name, sets in protocol.groups.items()}
    return config


def row_config(name: str, data_root: str = "data") -> str:
    """Path of the config of a row, for a ``_base_``: ``__import__("mmneglabel").row("csp/vit-b16/cub-200")``.

    It is written into the cache folder, under a name that says what is in it.

    Raises:
        ConfigError: there is no such row.
    """
    if name not in ROWS:
        raise ConfigError(f"No row {name!r}: {did_you_mean(name, ROWS)}")
    text = compose(ROWS[name], data_root).pretty_text
    path = cache_folder() / "rows" / f"{name.replace('/', '_')}_{hashlib.sha256(text.encode()).hexdigest()[:12]}.py"
    if not path.is_file():
        write_atomically(path, text)
    return str(path)


def _move_words(miner: dict[str, Any], data_root: str) -> None:
    """The authors' words and lists of names lie in the folder of all data, wherever that is."""
    if str(miner.get("path", "")).startswith("data/"):
        miner["path"] = str(Path(data_root, miner["path"].removeprefix("data/")))
    theirs = Path(data_root, AUTHORS_FOLDER.relative_to("data"))
    if miner.get("corpus") == AUTHORS_CORPUS and data_root != "data" and theirs.is_dir():
        miner["corpus"] = str(theirs)


@cache
def _read(name: str) -> Config:
    return Config.fromfile(shipped_config(name))


def _base(name: str) -> Config:
    """A shipped config, to be changed, without the variables of its files."""
    config = deepcopy(_read(name))
    for variable in config.keys() - READ - {"custom_imports"}:
        config.pop(variable)
    object.__setattr__(config, "_format_python_code", False)  # takes seconds; see `cli/config.py`
    return config


def seeded(config: Config, seed: int) -> Config:
    """The config with this seed wherever one is drawn: groups of negatives, CSP's superclasses, random words, streams.

    Of a score with several streams no two configs have one in common; what it builds on keeps its own groups.
    """
    config.model.scores = ConfigDict(resolve(config.model.scores))  # options may have left one out, or added one
    for score in config.model.scores.values():
        if "seed" in signature(TASK_UTILS.get(score.type)).parameters:
            score.seed = seed * score.get("streams", 1)
        pool = score.bank.get("pool", score.bank)
        if "seed" in signature(TASK_UTILS.get(pool.type)).parameters:
            pool.seed = seed
    return config


def _id_set(row: TableRow, data_root: str) -> dict[str, Any]:
    """With the class list whose names the paper prompts with, where folders are read by one."""
    protocol = find_protocol(row.protocol)
    config = set_config(row.id_set, protocol.take(row.id_set), data_root)
    return config | ({"class_list": protocol.class_list(row.id_set)} if "class_list" in config else {})
