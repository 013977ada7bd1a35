"""What the tools that run a config share: command line to config and Runner, one line for what a user got wrong."""

import gc
import os
import re
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config, ConfigDict
from torch import distributed

from mmneglabel.engine.options import OptionsAction, merge_options, unread
from mmneglabel.errors import ConfigError, NegLabelError
from mmneglabel.storage.resources import shipped_config

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
_LEFT_ALONE = re.compile("Connection (closed|reset) by peer|remote process exited")  # of gloo and NCCL
# Launcher -> what it tells each process of its rank, and of how many were started together.
_STARTED_BY = {
    "pytorch": ("RANK", "WORLD_SIZE"),
    "slurm": ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    "mpi": ("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE"),
}


def one_line_errors(main: Callable[[], None]) -> int:
    """Run ``main``; a :class:`NegLabelError`, here or in another process, becomes one line on stderr, exit code 1."""
    try:
        main()
    except NegLabelError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        return 1
    except RuntimeError as error:
        if not (distributed.is_initialized() and _LEFT_ALONE.search(str(error))):
            raise
        print("error: another process has stopped; its own line says why", file=sys.stderr, flush=True)
        return 1
    finally:
        if distributed.is_initialized():
            gc.collect()  # a DistributedDataParallel that outlives its process group aborts the process at exit
            distributed.destroy_process_group()
    return 0


def add_arguments(parser: ArgumentParser) -> None:
    """What every tool that runs a config takes."""
    parser.add_argument("--work-dir", help="where logs and results go (default: work_dirs/<config name>)")
    add_config_arguments(parser)


def add_config_arguments(parser: ArgumentParser) -> None:
    """What every tool that reads a config takes."""
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=OptionsAction,
        metavar="KEY=VALUE",
        help="override settings of the config: strings as they are, [a, b], (a, b), {'a': 1}; quotes keep a comma",
    )
    parser.add_argument("--traceback", action="store_true", help="show where a broken config fails")


def add_launcher(parser: ArgumentParser) -> None:
    """What tools take that may be started as several processes."""
    parser.add_argument("--launcher", choices=["none", *_STARTED_BY], default="none", help="what started the processes")
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0, help=SUPPRESS)


@contextmanager
def naming_the_config(args: Namespace) -> Iterator[None]:
    """Whatever goes wrong becomes one line: configs run code and name constructors, so anything may."""
    try:
        yield
    except Exception as error:
        if isinstance(error, NegLabelError) or args.traceback:
            raise
        # MMEngine 0.10 finds the configs of other packages by it, and new environments lack it.
        lacks_it = isinstance(error, ModuleNotFoundError) and error.name == "pkg_resources"
        mend = "pip install 'setuptools<82', or inherit by mmneglabel.config" if lacks_it else "--traceback shows where"
        raise ConfigError(f"{type(error).__name__} while building from {args.config}: {error} ({mend})") from error


def read_config(args: Namespace) -> Config:
    """The config file with ``--cfg-options`` merged in, launcher and work dir, and what loaders and hooks want.

    Options come first, so that whatever is made from a setting is made from theirs.

    Raises:
        ConfigError: a data loader is not one.
    """
    path = find_config(args.config)
    # Behind everything else, so that nothing is hidden by it: one's own modules, for custom_imports to find.
    sys.path += [folder for folder in (str(Path.cwd()), str(path.resolve().parent)) if folder not in sys.path]
    config = Config.fromfile(path)
    merge_options(config, args.cfg_options or {})
    for doubt in unread(path):
        print(f"warning: {doubt}", file=sys.stderr)
    config.launcher = args.launcher
    config.work_dir = args.work_dir or config.get("work_dir") or f"work_dirs/{Path(args.config).stem}"
    if not config.get("visualizer"):
        config.visualizer = ConfigDict(type="UniversalVisualizer", vis_backends=[{"type": "LocalVisBackend"}])
    defaults = ConfigDict(pin_memory=torch.cuda.is_available(), collate_fn={"type": "default_collate"})
    for name in ("val_cfg", "test_cfg"):
        if not isinstance(half := (config.get(name) or {}).get("fp16", False), bool):
            raise ConfigError(f"{name}.fp16 is {half!r}, which would count as {bool(half)}: set True or False.")
    for name in _LOADERS:
        if not isinstance(loader := config.get(name) or {}, Mapping):
            raise ConfigError(f"{name} is a {type(loader).__name__}: give one dict; OODBenchmark holds several sets.")
        if loader:
            config[name] = ConfigDict(defaults, **loader)
    return config


def find_config(path: str) -> Path:
    """``path`` itself or, where there is no such file, the shipped config of that name, so that any folder will do."""
    return own if (own := Path(path)).is_file() else Path(shipped_config(path))


def init_cpu_processes(launcher: str) -> None:
    """Join the processes over gloo where there is no GPU: mmengine's launcher would ask for one.

    Raises:
        ConfigError: Slurm without GPUs, which mmengine cannot start.
    """
    check_started(launcher)
    if launcher == "none" or torch.cuda.is_available():
        return
    if launcher != "pytorch":
        raise ConfigError(f"The launcher {launcher!r} needs GPUs and there are none here: use tools/dist_test.sh.")
    distributed.init_process_group("gloo")


def check_started(launcher: str) -> None:
    """The environment must be what ``launcher`` makes it, and without one this must be the only process.

    Raises:
        ConfigError: it is not.
    """
    if launcher != "none":
        if (rank := _STARTED_BY[launcher][0]) not in os.environ:
            raise ConfigError(
                f"--launcher {launcher}, but no {rank} in the environment: leave it out for one process; several are "
                "started by tools/dist_test.sh, tools/dist_train.sh, torchrun, srun or mpirun."
            )
        return
    for known, (_, count) in _STARTED_BY.items():
        if (started := os.environ.get(count, "1")) != "1":
            raise ConfigError(
                f"{started} processes were started ({count}={started}) without --launcher, and each would do all of "
                f"the work into one folder: give --launcher {known}, or start one."
            )
