"""How a tool's process begins and ends: what started it, and one line for what a user got wrong."""

import gc
import os
import re
import signal
import sys
from argparse import Namespace
from collections.abc import Callable

import torch
from torch import distributed

from mmneglabel.cli.console import one_line_warnings
from mmneglabel.errors import ConfigError, NegLabelError

_LEFT_ALONE = re.compile("Connection (closed|reset) by peer|remote process exited")  # of gloo and NCCL
# Launcher -> what it tells each process of its rank, and of how many were started together.
_STARTED_BY = {
    "pytorch": ("RANK", "WORLD_SIZE"),
    "slurm": ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    "mpi": ("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_SIZE"),
}


def run_tool(run: Callable[[Namespace], None], args: Namespace) -> int:
    """All that a tool's own process does with its command line; returns the exit code."""
    # MMEngine collects garbage for every data set that it reads: a quarter of a second each among the million objects
    # that imports left behind. They live as long as the process, so nothing need ever thaw them.
    gc.freeze()
    if not args.verbose:
        one_line_warnings(is_first(args.launcher))
    return one_line_errors(lambda: run(args))


def one_line_errors(main: Callable[[], int | None]) -> int:
    """Run ``main``, which may return an exit code; a :class:`NegLabelError` becomes one line on stderr, exit code 1.

    So does one of another process, and an interruption, with the code that shells give it.
    """
    try:
        return main() or 0
    except NegLabelError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr, flush=True)
        return 128 + signal.SIGINT
    except BrokenPipeError:  # whoever read along, such as `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest of it when it ends
        return 128 + signal.SIGPIPE
    except RuntimeError as error:
        if not left_alone(error):
            raise
        print("error: another process has stopped; its own line says why", file=sys.stderr, flush=True)
        return 1
    finally:
        if distributed.is_initialized():
            gc.collect()  # a DistributedDataParallel that outlives its process group aborts the process at exit
            distributed.destroy_process_group()


def left_alone(error: Exception) -> bool:
    """Whether it says no more than that another process has stopped."""
    return distributed.is_initialized() and isinstance(error, RuntimeError) and bool(_LEFT_ALONE.search(str(error)))


def is_first(launcher: str) -> bool:
    """Whether this is the process that prints, which is asked before the processes know one another."""
    return launcher == "none" or os.environ.get(_STARTED_BY[launcher][0], "0") == "0"


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
