"""From the command line to the config: the file, its options, and what the Runner and its loaders want beside them."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config, ConfigDict
from mmpretrain.registry import MODELS, TASK_UTILS

from mmneglabel.cli.console import warn
from mmneglabel.cli.launch import is_first, left_alone
from mmneglabel.cli.options import merge_options, read_options, unread
from mmneglabel.errors import ConfigError, NegLabelError, WeightsError, class_name, misfit
from mmneglabel.methods import resolve
from mmneglabel.models.library import LibraryBackbone
from mmneglabel.scores import StreamScore
from mmneglabel.settings import refuse_old_forms
from mmneglabel.storage.resources import shipped_config

STREAM_OPTIONS = {
    "order": "stream_order",
    "batch_size": "stream_batch",
    "streams": "streams",
    "seed": "stream_seed",
}
"""Settings of ``StreamScore`` -> the options that change them for all scores at once."""

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


@contextmanager
def naming_the_config(args: Namespace) -> Iterator[None]:
    """Whatever goes wrong becomes one line: configs run code and name constructors, so anything may."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NegLabelError) or left_alone(error) or args.traceback:
            raise
        raise ConfigError(f"While building from {args.config}: {_said(error)} (--traceback shows where)") from error


def _said(error: Exception) -> str:
    """What Python or MMEngine says of a broken config, and the mend of what is broken most often."""
    if found := misfit(error):
        return found
    if str(error).startswith("Failed to import custom modules"):  # with all of sys.path behind it
        return f"custom_imports: {error.__context__}; looked for where you stand, beside the config, in $PYTHONPATH"
    said = f"{type(error).__name__}: {error}"
    # MMEngine 0.10 finds the configs of other packages by it, and new environments lack it.
    lacks_it = isinstance(error, ModuleNotFoundError) and error.name == "pkg_resources"
    return f"{said}; pip install 'setuptools<82', or inherit by mmneglabel.config" if lacks_it else said


def read_config(args: Namespace) -> Config:
    """The config file with ``--cfg-options`` merged in, launcher and work dir, and what loaders and hooks want.

    Options come first, so that whatever is made from a setting is made from theirs. In code they may be a dict.

    Raises:
        ConfigError: it is of an earlier form, a data loader is not one, or a precision is not said plainly.
    """
    path = find_config(args.config)
    # Behind everything else, so that nothing is hidden by it: one's own modules, for custom_imports to find.
    folders = dict.fromkeys((str(Path.cwd()), str(path.resolve().parent)))
    sys.path += [folder for folder in folders if folder not in sys.path]
    config = Config.fromfile(path)
    # Laying its text out by yapf takes seconds, at each of four times that MMEngine writes it somewhere; the argument
    # of fromfile that should prevent it is dropped on the way (MMEngine 0.10.7, 0.11).
    object.__setattr__(config, "_format_python_code", False)
    options = args.cfg_options or {}
    merge_options(config, options if isinstance(options, Mapping) else read_options(options))
    refuse_old_forms(config)
    for doubt in unread(path) if is_first(args.launcher) else ():
        warn(doubt)
    config.launcher = args.launcher
    config.work_dir = args.work_dir or config.get("work_dir") or f"work_dirs/{Path(args.config).stem}"
    if args.verbose:
        config.verbose = True
    for name in ("val_cfg", "test_cfg"):
        if not isinstance(half := (config.get(name) or {}).get("fp16", False), bool):
            raise ConfigError(f"{name}.fp16 is {half!r}, which would count as {bool(half)}: set True or False.")
    _complete_loaders(config)
    return config


def test_config(args: Namespace) -> Config:
    """The config of what tests: :func:`read_config` with the weights that are to be tested.

    Raises:
        WeightsError: there is no checkpoint file, or none is given of a config that trains.
    """
    config = read_config(args)
    config.load_from = existing_checkpoint(args.checkpoint) or existing_checkpoint(config.get("load_from"))
    if config.load_from and finds_weights(config):
        config.model.backbone.load_weights = False
    if config.get("optim_wrapper"):
        if not config.load_from:
            raise WeightsError(
                f"{args.config} describes a training: give a checkpoint of one (or load_from) for its weights."
            )
        # What training wraps its model in wants a GPU a process.
        config.model_wrapper_cfg = {"type": "PassThroughWrapper"}
    if args.amp:
        config.test_cfg.fp16 = True
    if changes := stream_changes(args):
        _change_streams(config, changes)
    return config


def stream_changes(args: Namespace) -> dict[str, Any]:
    """What the command line says of all streams, by the names of ``StreamScore``'s settings."""
    given = {name: getattr(args, option, None) for name, option in STREAM_OPTIONS.items()}
    return {name: value for name, value in given.items() if value is not None}


def _change_streams(config: Config, changes: Mapping[str, Any]) -> None:
    """Put changes into every score that learns while testing.

    Raises:
        ConfigError: there is none, so that nobody would read them.
    """
    scores = resolve(config.model.get("scores")) if is_zero_shot(config) else {}
    streams = [score for score in scores.values() if _is_stream(score["type"])]
    if not streams:
        options = ", ".join(f"--{STREAM_OPTIONS[name].replace('_', '-')}" for name in changes)
        raise ConfigError(f"{options}: no score of the config learns while testing, as AdaNeg, TANL and OODD do.")
    for score in streams:
        score.update(changes)
    config.model.scores = ConfigDict(scores)


def _is_stream(kind: Any) -> bool:
    """Whether the ``type`` of a score's config is a stream's."""
    kind = TASK_UTILS.get(kind) if isinstance(kind, str) else kind
    return isinstance(kind, type) and issubclass(kind, StreamScore)


def find_config(path: str) -> Path:
    """``path`` itself or, where there is no such file, the shipped config of that name, so that any folder will do."""
    return own if (own := Path(path)).is_file() else Path(shipped_config(path))


def is_zero_shot(config: Config) -> bool:
    """Whether the model compares images with texts."""
    return class_name(config.model.type) == "NegLabelClassifier"


def finds_weights(config: Config) -> bool:
    """Whether the backbone finds its weights itself: a tower, or a network of another library."""
    kind = config.model.get("backbone", {}).get("type")
    kind = MODELS.get(kind) if isinstance(kind, str) else kind
    return is_zero_shot(config) or (isinstance(kind, type) and issubclass(kind, LibraryBackbone))


def existing_checkpoint(path: str | None) -> str | None:
    """The checkpoint's path; "none" is the placeholder that lets scripts count their arguments."""
    if path is None or path.lower() == "none":
        return None
    if not path.startswith(("http://", "https://")) and not Path(path).is_file():
        raise WeightsError(
            f"No checkpoint file at {path!r}; leave it out, or give 'none', to use the config's weights."
        )
    return path


def _complete_loaders(config: Config) -> None:
    """The settings that MMPretrain's tools add to each data loader."""
    defaults = ConfigDict(pin_memory=torch.cuda.is_available(), collate_fn={"type": "default_collate"})
    for name in _LOADERS:
        if not isinstance(loader := config.get(name) or {}, Mapping):
            raise ConfigError(f"{name} is a {type(loader).__name__}: give one dict; OODBenchmark holds several sets.")
        if loader:
            config[name] = ConfigDict(defaults, **loader)
