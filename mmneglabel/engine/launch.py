"""What the tools that run a config share: command line to config and Runner, one line for what a user got wrong."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config, ConfigDict, DictAction
from mmengine.runner import Runner
from torch import distributed

from mmneglabel.corpus.resources import resource
from mmneglabel.engine.resume import unreadable_checkpoint
from mmneglabel.errors import ConfigError, NegLabelError, WeightsError
from mmneglabel.suggestions import did_you_mean


def one_line_errors(main: Callable[[], None]) -> int:
    """Run ``main``; a :class:`NegLabelError` becomes one line on stderr and exit code 1."""
    try:
        main()
    except NegLabelError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        return 1
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()
    return 0


def add_arguments(parser: ArgumentParser) -> None:
    """What the tools that test take."""
    parser.add_argument("config", help="config file")
    parser.add_argument("checkpoint", nargs="?", help="checkpoint file; left out or 'none': the weights of the config")
    parser.add_argument("--amp", action="store_true", help="run the network under autocast; scores stay in float32")
    add_common_arguments(parser)


def add_common_arguments(parser: ArgumentParser) -> None:
    """What every tool that runs a config takes."""
    parser.add_argument("--work-dir", help="where logs and results go (default: work_dirs/<config name>)")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, metavar="KEY=VALUE", help="override settings of the config"
    )
    parser.add_argument("--traceback", action="store_true", help="show where a broken config fails")


def run_test(args: Namespace) -> None:
    """Test as ``args`` say; see ``tools/test.py --help``.

    Raises:
        NegLabelError: anything a user can get wrong.
    """
    init_cpu_processes(args.launcher)
    with naming_the_config(args):
        config = test_config(args)
        if args.save_features:
            _drop_feature_hooks(config).append({"type": "FeatureCacheHook", "cache_dir": _cache_dir(config)})
        runner = Runner.from_cfg(config)
        _ = runner.test_loop  # builds the datasets and the metric
    _load_checkpoint(runner)
    runner.test()


def run_rescore(args: Namespace) -> None:
    """Score kept image features as ``args`` say; see ``tools/rescore.py --help``.

    Raises:
        NegLabelError: anything a user can get wrong.
    """
    with naming_the_config(args):
        config = test_config(args)
        _drop_feature_hooks(config)
        fp16 = config.test_cfg.get("fp16", False)
        config.test_cfg = {"type": "KeptFeaturesLoop", "fp16": fp16, "cache_dir": _cache_dir(config)}
        runner = Runner.from_cfg(config)
    _load_checkpoint(runner)
    with naming_the_config(args):
        _ = runner.test_loop  # finds the features and builds the metric
    runner.test()


@contextmanager
def naming_the_config(args: Namespace) -> Iterator[None]:
    """Whatever goes wrong becomes one line: configs run code and name constructors, so anything may."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NegLabelError) or args.traceback:
            raise
        raise ConfigError(
            f"{type(error).__name__} while building from {args.config}: {error} (--traceback shows where)"
        ) from error


def _drop_feature_hooks(config: Config) -> list[dict[str, Any]]:
    """The config's hooks without those that keep features: one is enough, and kept features need not be kept."""
    config.custom_hooks = [hook for hook in config.get("custom_hooks", []) if hook["type"] != "FeatureCacheHook"]
    return config.custom_hooks


def _cache_dir(config: Config) -> str | None:
    """The cache folder that the mining hook is given, for the features to lie in too."""
    return next((hook["cache_dir"] for hook in config.custom_hooks if hook.get("cache_dir")), None)


def test_config(args: Namespace) -> Config:
    """The config file with the command line merged in.

    Raises:
        ConfigError: there is no config file.
        WeightsError: there is no checkpoint file, or none is given of a config that trains.
    """
    config = read_config(args)
    config.load_from = existing_checkpoint(args.checkpoint) or existing_checkpoint(config.get("load_from"))
    if config.load_from and config.model.type == "NegLabelClassifier":
        config.model.backbone.load_weights = False
    if config.get("optim_wrapper"):
        if not args.checkpoint and not config.load_from:
            raise WeightsError(f"{args.config} describes a training: give a checkpoint of it to test.")
        # What training wraps its model in wants a GPU a process.
        config.model_wrapper_cfg = {"type": "FrozenModelWrapper"}
    if args.amp:
        config.test_cfg.fp16 = True
    merge_options(config, args)
    return config


def read_config(args: Namespace) -> Config:
    """The config file, with what the command line says of launcher and work dir and what every data loader wants.

    Raises:
        ConfigError: there is no config file.
    """
    config = Config.fromfile(find_config(args.config))
    config.launcher = args.launcher
    config.work_dir = args.work_dir or config.get("work_dir") or f"work_dirs/{Path(args.config).stem}"
    defaults = ConfigDict(pin_memory=torch.cuda.is_available(), collate_fn={"type": "default_collate"})
    for loader in ("train_dataloader", "val_dataloader", "test_dataloader"):
        if config.get(loader):
            config[loader] = ConfigDict(defaults, **config[loader])
    return config


def merge_options(config: Config, args: Namespace) -> None:
    """What ``--cfg-options`` say, which is the last word."""
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)


def find_config(path: str) -> Path:
    """``path`` itself or, where there is no such file, the shipped config of that name, so that any folder will do.

    Raises:
        ConfigError: it is neither.
    """
    shipped = resource("configs")
    for candidate in (Path(path), shipped.parent / path, shipped / path):
        if candidate.is_file():
            return candidate
    names = (file.relative_to(shipped.parent).as_posix() for file in shipped.glob("[!_]*/**/*.py"))
    raise ConfigError(f"No config file at {path!r}, nor among the shipped ones: {did_you_mean(path, names)}")


def init_cpu_processes(launcher: str) -> None:
    """Join the processes over gloo where there is no GPU: mmengine's launcher would ask for one.

    Raises:
        ConfigError: Slurm without GPUs, which mmengine cannot start.
    """
    if launcher == "none" or torch.cuda.is_available():
        return
    if launcher != "pytorch":
        raise ConfigError(f"The launcher {launcher!r} needs GPUs and there are none here: use tools/dist_test.sh.")
    distributed.init_process_group("gloo")


def _load_checkpoint(runner: Runner) -> None:
    """Load now, so that whatever a damaged file makes the unpickler raise becomes one line."""
    try:
        runner.load_or_resume()
    except NegLabelError:
        raise
    except Exception as error:
        raise unreadable_checkpoint(runner.cfg.load_from, error) from error


def existing_checkpoint(path: str | None) -> str | None:
    """The checkpoint's path; "none" is the placeholder that lets scripts count their arguments."""
    if path is None or path.lower() == "none":
        return None
    if not path.startswith(("http://", "https://")) and not Path(path).is_file():
        raise WeightsError(
            f"No checkpoint file at {path!r}; leave it out, or give 'none', to use the config's weights."
        )
    return path
