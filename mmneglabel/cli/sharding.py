"""What ``tools/predict.py --shard`` does: a process that works on shards, and one that replaces it when it dies."""

import multiprocessing
import os
import sys
import time
import warnings
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mmneglabel.apis import NegLabelInferencer
from mmneglabel.cli.console import warn
from mmneglabel.cli.predicting import detector_of
from mmneglabel.errors import ConfigError, NegLabelError, one_line
from mmneglabel.sharding import (
    FLAGGED,
    IMAGES,
    LEASES,
    Plan,
    load_plan,
    mark_died,
    open_plan,
    part_path,
    score_shards,
    summarise,
    turn_of,
)

INCOMPLETE = 4
"""Exit code where pictures or shards are left out because processes died of them."""

_MOST_DEATHS = 12  # one after another, without a finished shard in between


def run_sharded(args: Namespace) -> int:
    """Predict in shards as ``args`` say, see ``tools/predict.py --help``; returns the exit code.

    Raises:
        ConfigError: ``args`` ask for what shards have not.
    """
    if args.out is None or Path(args.out).is_file() or args.show_dir:
        raise ConfigError("--shard writes a folder of Parquet files: name it with --out, and leave --show-dir out")
    if args.ray:
        from mmneglabel.cli.on_ray import predict_on_ray

        predict_on_ray(args)
    else:
        _supervise(args)
    return _conclude(load_plan(Path(args.out)), args.fdr)


def _supervise(args: Namespace) -> None:
    """Have a process do the work, and another one when it dies.

    Raises:
        ConfigError: it dies at once, or again and again.
        NegLabelError: what stopped it.
    """
    in_a_row, begun = 0, False
    while in_a_row < _MOST_DEATHS:
        for said in _life(args):
            if isinstance(said, NegLabelError):
                raise said
            if said is None:
                return
            in_a_row, begun = 0 if said else in_a_row, True
            if said:
                print(said, flush=True)
        if not begun:
            raise ConfigError("The worker died before it had begun: predict one picture without --shard to see why")
        in_a_row += 1
    raise ConfigError(f"Workers died {in_a_row} times without finishing a shard in between: it is not the pictures")


def _life(args: Namespace) -> Iterator[Any]:
    """What a worker says: an empty line when it begins, a line a shard, None or an error at its orderly end."""
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ours, its = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(args, its))
    with warnings.catch_warnings():  # threads of libraries that are at rest; a fork spares the import of all
        warnings.simplefilter("ignore", DeprecationWarning)
        worker.start()
    its.close()
    try:
        while True:
            yield ours.recv()
    except EOFError:
        worker.join()
        if worker.exitcode:
            mark_died(Path(args.out), worker.pid)
            warn(f"a worker died (exit code {worker.exitcode}); another takes care of what it was at")
    finally:
        worker.join()  # an interruption reaches it, too


def _work(args: Namespace, said: Connection) -> None:
    """A worker's life."""
    parent = os.getppid()

    def with_parent() -> None:
        if os.getppid() != parent:
            raise KeyboardInterrupt

    try:
        detector = detector_of(args)
        plan = plan_of(args, detector)
        said.send("")
        started = time.monotonic()
        for shard, counts in score_shards(plan, detector, [*turn_of(plan, *args.worker)], args.workers, with_parent):
            seconds, started = time.monotonic() - started, time.monotonic()
            said.send(line(plan, shard, counts, seconds))
        said.send(None)
    except NegLabelError as error:
        said.send(error)
    except KeyboardInterrupt:
        pass
    except RuntimeError as error:  # of the network, or a process that loads; a death like others
        warn(f"the network or a loading process failed: {one_line(error)}")
        os._exit(1)


def plan_of(args: Namespace, detector: NegLabelInferencer) -> Plan:
    """The plan of what the command line asks for; what decides the results is in it, who labels included."""
    identity = {**detector.identity(), "classifier": args.classifier}
    return open_plan(Path(args.out), args.inputs, args.shard, args.batch_size, identity)


def line(plan: Plan, shard: int, counts: Counter[str], seconds: float) -> str:
    """What is said of a finished shard."""
    images = counts[IMAGES]
    decided = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()) if what != IMAGES)
    parts = [part_path(plan.folder, shard).name, f"{images:,} images", f"{images / max(seconds, 1e-9):,.0f} images/s"]
    return "  ".join([*parts, *([decided] if decided else [])])


def _conclude(plan: Plan, rate: float | None) -> int:
    """Say what is there by now; returns the exit code."""
    found = summarise(plan, rate)
    counts, lost, aside = found["counts"], found["given_up"], found["set_aside"]
    others = [f"{count:,} {what}" for what, count in counts.items() if what != IMAGES]
    said = ", ".join([f"{counts.get(IMAGES, 0):,} images", *others])
    print(f"{plan.folder}: {found['finished']:,} of {found['shards']:,} shards, {said}")
    if waiting := found["shards"] - found["finished"] - len(lost):
        print(f"{waiting:,} shards are being worked on by others, or wait for the same command")
    if flagged := found.get("flagged"):
        print(f"{flagged['images']:,} images flagged, up to p = {flagged['p_value']:.3g}, in {FLAGGED}")
    if lost:
        named = ", ".join(map(str, lost[:5])) + (" …" if lost[5:] else "")
        again = f"to try again, delete their files in {plan.folder / LEASES}"
        warn(f"processes died of {len(lost)} shards ({named}), which are given up: {again}")
    if aside:
        warn(f"processes died of {len(aside)} pictures, which were not read: see the column error")
    return INCOMPLETE if lost or aside else 0
