"""Two ways to do one thing, timed in turn on one machine: the ratio of a pair outlives the noise of its seconds."""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

Timed = Callable[[], float]

JSON = "MMNEGLABEL_BENCHMARKS"
"""Environment variable that names a file for what is printed, a line of JSON a table."""


@dataclass(frozen=True)
class Pairs:
    """Seconds of two contestants, one entry a pair, measured next to each other."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ours_over_bare(self) -> tuple[float, ...]:
        """How many times the bare loop's time ours takes."""
        return tuple(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def bare_over_ours(self) -> tuple[float, ...]:
        """How many times as fast as the bare loop ours is."""
        return tuple(1 / ratio for ratio in self.ours_over_bare)


def measure(ours: Timed, bare: Timed, pairs: int, warmups: int = 1) -> Pairs:
    """Time ``pairs`` neighbouring runs of both.

    Which of the two comes first changes from pair to pair, so that a machine that slows down or speeds up favours
    neither.

    Args:
        ours: runs once and returns its seconds.
        bare: likewise.
        pairs: how many pairs to keep.
        warmups: how many pairs to throw away before.
    """
    seconds: dict[Timed, list[float]] = {ours: [], bare: []}
    for pair in range(warmups + pairs):
        for contestant in (ours, bare) if pair % 2 else (bare, ours):
            taken = contestant()
            if pair >= warmups:
                seconds[contestant].append(taken)
    return Pairs(tuple(seconds[ours]), tuple(seconds[bare]))


def timed(run: Callable[[], object], repeats: int = 1) -> Timed:
    """Seconds of one of ``repeats`` calls of ``run`` in a row, the accelerator's queue emptied before and after."""

    def clock() -> float:
        started = now()
        for _ in range(repeats):
            run()
        return (now() - started) / repeats

    return clock


def now() -> float:
    """The clock in seconds, once everything given to the GPU is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def print_table(title: str, rows: Sequence[tuple[str, Sequence[float], str]], aim: str) -> None:
    """Print median, least and greatest of each row over the pairs, below the facts of the machine.

    Args:
        title: what was compared.
        rows: name, one value a pair, and how to write a value, such as ".3f"; the ratio last.
        aim: what the last row should reach; that of another stands in its name, as "(aim <= 2)".
    """
    if written := os.environ.get(JSON):
        _write(Path(written), title, rows, aim)
    print(f"{title}\n{machine()}; {len(rows[0][1])} pairs\n\n{'':<34}{'median':>10}{'min':>10}{'max':>10}")
    for i, (name, values, form) in enumerate(rows):
        shown = (format(f(values), form) for f in (statistics.median, min, max))
        print(f"{name:<34}" + "".join(f"{v:>10}" for v in shown) + (f"   aim {aim}" if i == len(rows) - 1 else ""))


def _write(path: Path, title: str, rows: Sequence[tuple[str, Sequence[float], str]], aim: str) -> None:
    """A line of JSON more: the rows that have an aim."""
    found = []
    for i, (name, values, form) in enumerate(rows):
        what, _, its = name.strip().rstrip(")").partition(" (aim ")
        if its := aim if i == len(rows) - 1 else its:
            shown = [format(f(values), form) for f in (statistics.median, min, max)]
            found.append({"what": what.removeprefix("ratio: "), "median": shown[0], "range": shown[1:], "aim": its})
    line = {"title": title, "machine": machine(), "pairs": len(rows[0][1]), "rows": found}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def machine() -> str:
    """What the seconds depend on, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ", no GPU"
    threads, simd = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()
    return f"{cores} cores ({simd}){gpu}, {threads} torch threads, torch {torch.__version__}"


def parser(description: str, pairs: int) -> argparse.ArgumentParser:
    """A command line with the options that all benchmarks share."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--pairs", type=int, default=pairs, help="measurements of both contestants, in turn")
    made.add_argument("--threads", type=int, default=0, help="torch's threads; 0 leaves its own choice")
    made.add_argument("--seed", type=int, default=0, help="of weights and inputs")
    return made


def prepare(args: argparse.Namespace) -> None:
    """Threads and seed as the command line says, before anything is built."""
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
