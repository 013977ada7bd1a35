"""What ``tools/evaluate.py`` does: folders on the command line become a config, which ``tools/test.py`` would run."""

import os
import shlex
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from pprint import pformat
from typing import Any

import open_clip

from mmneglabel.backbones.open_clip_weights import SCHEMAS, known_model
from mmneglabel.cli.config import STREAM_OPTIONS, stream_changes
from mmneglabel.cli.launch import is_first
from mmneglabel.cli.testing import run_test
from mmneglabel.corpus import names_of_folders, read_class_list
from mmneglabel.datasets.class_order import visible_folders
from mmneglabel.datasets.files import check_filled, check_folder
from mmneglabel.datasets.ood_benchmark import check_names
from mmneglabel.engine.report_hook import METRICS
from mmneglabel.errors import ConfigError, DataError, WeightsError, did_you_mean
from mmneglabel.methods import METHODS
from mmneglabel.storage.text_files import write_atomically

BASE = "neglabel/neglabel_clip-vit-b16_in1k.py"
"""The shipped config that loader, hooks, loop and metric come from."""

NAME = "evaluate.py"
_HEAD = """\
# Written by `python -m mmneglabel evaluate`, anew each time: copy it before you change it. To run it as it is:
# {again}
_base_ = __import__("mmneglabel").config({base!r})
"""


def run_evaluate(args: Namespace) -> None:
    """Write the config that ``args`` describe into the work dir, and test it; see ``tools/evaluate.py --help``."""
    args.config = str(Path(args.work_dir or f"work_dirs/{Path(NAME).stem}", NAME))
    again = _again(args)
    head = _HEAD.format(again=again.replace("\n", "\n# "), base=BASE)  # an option may have several lines
    settings = (f"{key} = {pformat(value, width=110, sort_dicts=False)}\n" for key, value in compose(args).items())
    with _kept_if_it_fails(Path(args.config)):
        # By every process: each reads its own, or another's that is the same.
        write_atomically(Path(args.config), head + "".join(settings))
        run_test(args)
    if is_first(args.launcher):
        print(f"Again: {again}")


@contextmanager
def _kept_if_it_fails(path: Path) -> Iterator[None]:
    """A run that ends before it takes an earlier one's results away leaves that one's config beside them."""
    before = path.read_bytes() if path.is_file() else None
    try:
        yield
    except BaseException:
        if before is not None and (path.parent / METRICS).is_file():
            write_atomically(path, before)
        raise


def compose(args: Namespace) -> dict[str, Any]:
    """What the config changes of its base, by its keys.

    Raises:
        ConfigError: sets, methods or words cannot be meant, or folders are no class names.
        DataError: a folder is not there, or an OOD set's is empty.
        WeightsError: there is no such model, or no weights are named.
    """
    id_set, *ood_sets = _sets(args)
    methods = {"scores": {"_delete_": True, **_scores(args)}, "predict_with": args.methods[0]}
    backbone = {"_delete_": True, "type": "OpenCLIPBackbone", **_backbone(args)}
    return {
        # As the tower was trained, and not as the paper resizes.
        "model": {"backbone": backbone, "class_names": None, "preprocessing_override": None, **methods},
        "custom_hooks": [{"type": "NegLabelMiningHook"}, {"type": "OODReportHook", "report": True}],
        "test_dataloader": {
            "num_workers": min(8, os.cpu_count() or 1),
            "dataset": {"_delete_": True, "type": "OODBenchmark", "id_set": id_set, "ood_sets": ood_sets},
        },
    }


def _sets(args: Namespace) -> list[dict[str, Any]]:
    """The ID set and the OOD sets, each of a folder that is there once.

    What the data sets would refuse is refused here already, where it is found fast: building a tower may take long.
    """
    root = check_folder(Path(args.id).expanduser(), "--id")
    if not (folders := visible_folders(root)):
        raise DataError(f"--id: {args.id} holds no folders: put the pictures of each class into one, called like it")
    if args.classes is None:
        names_of_folders(folders)
    else:
        read_class_list(args.classes)
    listed = {} if args.classes is None else {"class_list": args.classes}
    sets = [{"name": root.absolute().name, "type": "ClassFolders", "data_root": args.id, **listed}]
    given = {os.path.realpath(root): "--id"}
    for name, folder in map(_named, args.ood):
        path = check_folder(Path(folder).expanduser(), "--ood")
        if (place := os.path.realpath(path)) in given:
            raise ConfigError(f"--ood: {name!r} is the folder {folder} of {given[place]}: give each folder once.")
        check_filled(path, "--ood")
        given[place] = repr(name)
        sets.append({"name": name, "type": "Pictures", "data_root": folder})
    check_names(sets)
    return sets


def _named(text: str) -> tuple[str, str]:
    """Name and folder of a set; a folder alone gives its own name."""
    name, equals, folder = text.partition("=")
    if not equals or "/" in name:  # which no name may hold, and a path may
        name, folder = Path(text).expanduser().absolute().name, text
    if not name.strip() or not folder.strip():
        raise ConfigError(f"--ood: {text!r} is not of the form NAME=FOLDER, such as street=data/street.")
    return name, folder


def _scores(args: Namespace) -> dict[str, Any]:
    """The rows of the table, with what is changed of the banks that have negatives."""
    known = [name for name, method in METHODS.items() if "bank" in method]
    for name in args.methods:
        if name not in known:
            raise ConfigError(f"--methods: no method {name!r} for images and texts, {did_you_mean(name, known)}")
    edits = {key: _words(key, words) for key, words in (("drop", args.drop), ("unlike", args.unlike)) if words}
    edited = [name for name in args.methods if METHODS[name]["bank"]["type"] != "LabelsOnly"]
    if edits and not edited:
        raise ConfigError(f"--drop, --unlike: {', '.join(args.methods)} reads no negatives: add NegLabel to --methods.")
    return {name: {"bank": edits} if edits and name in edited else {} for name in args.methods}


def _words(key: str, words: Sequence[str]) -> list[str] | str:
    """Words, or the file of them that is given alone; what is called like one is no word where it is not there."""
    files = [word for word in words if word.endswith(".txt") or Path(word).is_file()]
    if files and len(words) > 1:
        raise ConfigError(
            f"--{key}: {files[0]!r} is a file, which would have to be given alone: write the other words into it."
        )
    return files[0] if files else list(words)


def _backbone(args: Namespace) -> dict[str, Any]:
    """What ``OpenCLIPBackbone`` is to be built with; the weights of a tag, in a file, share its pixels."""
    name, _, tag = args.backbone.rpartition("/")
    if args.backbone.startswith(SCHEMAS) or name.replace("/", "-") not in open_clip.list_models():
        name, tag = args.backbone, ""
    known, _ = known_model(name)
    if not (tag or args.weights or args.checkpoint or name.startswith(SCHEMAS)):
        tags = did_you_mean("", open_clip.list_pretrained_tags_by_model(known))
        raise WeightsError(f"--backbone {name} names no weights: write {name}/TAG, or give --weights FILE; tags {tags}")
    weights = {"pretrained": args.weights or tag} if args.weights or tag else {}
    return {"model_name": name, **weights, **({"preprocess": tag} if args.weights and tag else {})}


def _again(args: Namespace) -> str:
    """The command that runs the config as it runs now."""
    words = ["python", "-m", "mmneglabel", "test", args.config, *([args.checkpoint] if args.checkpoint else [])]
    words += [*(["--amp"] if args.amp else []), *(["--work-dir", args.work_dir] if args.work_dir else [])]
    for name, value in stream_changes(args).items():
        words += [f"--{STREAM_OPTIONS[name].replace('_', '-')}", str(value)]
    words += ["--cfg-options", *args.cfg_options] if args.cfg_options else []
    return shlex.join(words)
