"""What the tools that run a config share: command line to config and Runner, one line for what a user got wrong."""

import gc
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config, ConfigDict, DictAction
from torch import distributed

from mmneglabel.corpus.resources import resource
from mmneglabel.errors import ConfigError, NegLabelError
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
            gc.collect()  # a DistributedDataParallel that outlives its process group aborts the process at exit
            distributed.destroy_process_group()
    return 0


def add_arguments(parser: ArgumentParser) -> None:
    """What every tool that runs a config takes."""
    parser.add_argument("--work-dir", help="where logs and results go (default: work_dirs/<config name>)")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, metavar="KEY=VALUE", help="override settings of the config"
    )
    parser.add_argument("--traceback", action="store_true", help="show where a broken config fails")


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
