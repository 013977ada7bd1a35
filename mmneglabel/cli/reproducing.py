"""What ``tools/reproduce.py`` does: lists rows of papers' tables, runs them, and sets our numbers beside theirs."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmneglabel.catalogue import ROWS, TableRow, find_protocol, find_rows
from mmneglabel.cli.judging import Judged, row_of
from mmneglabel.cli.listing import listed
from mmneglabel.cli.options import merge_options, read_options
from mmneglabel.cli.rows import compose, seeded
from mmneglabel.engine.report_hook import METRICS
from mmneglabel.engine.work_dir import config_of, log_of
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.settings import leaves
from mmneglabel.storage.resources import resource
from mmneglabel.storage.text_files import as_path, write_atomically
from mmneglabel.visualization.cells import aligned, csv_text

_LOADING = ("batch_size", "collate_fn", "num_workers", "persistent_workers", "pin_memory", "prefetch_factor")
# Loading and logging, and what tools/test.py itself says of them: no number follows from it.
_FREE = (
    *("experiment_name", "launcher", "log_level", "log_processor", "verbose", "visualizer", "work_dir"),
    *("model.backbone.load_weights", "test_cfg.features", *(f"test_dataloader.{key}" for key in _LOADING)),
)


def run_reproduce(args: Namespace) -> None:
    """List, run or judge as ``args`` say; see ``tools/reproduce.py --help``.

    Raises:
        DataError: a row was run and did not end well.
    """
    _refuse_idle(args)
    if args.list:
        print(listed(find_rows(args.rows) if args.rows else list(ROWS.values()), args.format))
        return
    if args.from_dirs:
        judged = _judged(args.from_dirs, args.rows)
    else:
        if not args.rows:
            raise ConfigError("Name a row, a table such as csp/hard, or a protocol; --list shows them all.")
        judged = [_tested(row, args) for row in find_rows(args.rows)]
    print(WAYS[args.format](judged))


def _refuse_idle(args: Namespace) -> None:
    """Refuse what only a run would read where none is begun."""
    idle = {"--from": args.from_dirs} if args.list else {}
    idle |= {"--seeds": args.seeds > 1, "--gpus": args.gpus, "--partition": args.partition, "--again": args.again}
    idle |= {"options behind --": args.options}
    if (args.list or args.from_dirs) and (given := [option for option, value in idle.items() if value]):
        way = "--list shows rows" if args.list else "--from judges runs that exist"
        raise ConfigError(f"{', '.join(given)}: {way}, and would not heed it: leave it out.")


def _judged(words: Sequence[str | Path], rows: Sequence[str]) -> list[Judged]:
    """Runs that exist, each with the row it is of, or the one that is named.

    --from takes all words behind it, so a row may be among them.
    """
    named = [word for word in words if word in ROWS and not Path(word).is_dir()]
    folders = [as_path(word, "--from") for word in words if word not in named]
    found = find_rows([*rows, *named])
    if len(found) > 1 or not folders:
        raise ConfigError(
            f"--from takes work dirs, and one row for all of them or none, as each finds its own; got {len(folders)} "
            f"work dirs and {len(found)} rows."
        )
    return [Judged(found[0] if found else row_of(folder), folder) for folder in folders]


def _tested(row: TableRow, args: Namespace) -> Judged:
    """A row, run unless that was done before; with further seeds on the image features that the run kept."""
    work_dir = as_path(args.work_dir, "--work-dir").joinpath(*row.name.split("/"))
    seeds = tuple(work_dir.with_name(f"{work_dir.name}-seed-{seed}") for seed in range(1, args.seeds))
    # An earlier run may have kept no features; and what was scored from older ones is no run beside it.
    again = args.again or (seeds and not all((folder / METRICS).is_file() for folder in seeds))
    kept = ["--save-features"] if seeds else []
    config, options = _with_options(compose(row, args.data_root), args.options)
    _run(row, config, work_dir, lambda path: _command(path, work_dir, args, [*kept, *options]), again)
    rescore = [sys.executable, str(resource("tools") / "rescore.py")]
    for seed, folder in enumerate(seeds, 1):
        own, _ = _with_options(compose(row, args.data_root), args.options)
        older = again or _began(folder) < _began(work_dir)
        words = ["none", "--work-dir", str(folder)]
        _run(row, seeded(own, seed), folder, lambda path, words=words: [*rescore, str(path), *words], older)
    return Judged(row, work_dir, seeds)


def _began(work_dir: Path) -> str:
    """When the run in it began, by the name of its log folder: times of files do not survive a copy."""
    return log_of(work_dir).name if (work_dir / METRICS).is_file() else ""


def _with_options(config: Config, options: Sequence[str]) -> tuple[Config, list[str]]:
    """The config with what options of ``tools/test.py`` change of it, and the other options.

    So all runs of a row have it, and a run without it is not taken for one that has.
    """
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--cfg-options", nargs="+", action="extend", default=[])
    parser.add_argument("--amp", action="store_true")
    known, others = parser.parse_known_args(options)
    merge_options(config, read_options(known.cfg_options))
    if known.amp:
        config.test_cfg.fp16 = True
    return config, others


def _run(
    row: TableRow, config: Config, work_dir: Path, command: Callable[[Path], list[str]], again: bool = False
) -> None:
    """Run a config by what ``command`` makes of its path, unless that ended well before and nobody asks for more."""
    if not again and (work_dir / METRICS).is_file() and _facts(config_of(work_dir)) == _facts(config):
        print(f"{row.name}: taken from {work_dir} (--again tests it anew)", file=sys.stderr)
        return
    # Beside the work dir: the Runner writes the config that it read into it.
    path = work_dir.with_name(f"{work_dir.name}.py")
    write_atomically(path, config.pretty_text)
    words = command(path)
    print(f"{row.name}: {' '.join(words)}", file=sys.stderr, flush=True)
    # Its log would stand between our lines of JSON or CSV.
    code = subprocess.run(words, env=os.environ | {"PYTHON": sys.executable}, stdout=sys.stderr, check=False).returncode
    if code:
        raise DataError(f"{row.name} ended with exit code {code}: its own last line says why; what is done is kept")


def _facts(config: Config) -> dict[str, Any]:
    """Every setting that a number may follow from: runs that share them are the same.

    Stricter than where a run is judged: there one with weights, words or verdicts of other files may be of the row.
    """
    free = tuple(f"{key}." for key in _FREE)
    told = leaves("", {"load_from": None, **config.to_dict()})
    return {key: value for key, value in told if not f"{key}.".startswith(free) and not key.endswith(".cache_dir")}


def _command(config: Path, work_dir: Path, args: Namespace, options: Sequence[str]) -> list[str]:
    """One process, or as many as there are GPUs asked for, here or by Slurm, whose script has its own number."""
    tools, more = resource("tools"), ["--work-dir", str(work_dir), *options]
    if args.partition:
        job = work_dir.name
        gpus = ["env", f"GPUS={args.gpus}"] if args.gpus else []
        return [*gpus, "bash", str(tools / "slurm_test.sh"), args.partition, job, str(config), "none", *more]
    if args.gpus:
        return ["bash", str(tools / "dist_test.sh"), str(config), "none", str(args.gpus), *more]
    return [sys.executable, str(tools / "test.py"), str(config), "none", *more]


def _text(judged: Sequence[Judged], markdown: bool = False) -> str:
    """The papers' table: published, ours and the difference, and below each row why it may differ."""
    return "\n\n".join(_table(one, markdown) for one in judged)


def _table(one: Judged, markdown: bool) -> str:
    protocol, row = find_protocol(one.row.protocol), one.row
    head = f"{row.name}: {protocol.title}, {row.table}; FPR95 with {protocol.positive} as the positive class"
    told = f"published: {row.evidence}" if row.published and not one.changed else "published: no confirmed number"
    lines = [("score", "set", "AUROC paper", "ours", "diff", "", "FPR95 paper", "ours", "diff", "")]
    lines += [(line["score"], line["set"], *_cells(line, "auroc"), *_cells(line, "fpr95")) for line in one.numbers()]
    return "\n".join(
        [
            head,
            told,
            "",
            *aligned(lines, {2, 3, 4, 6, 7, 8}, markdown),
            "",
            *(f"- {reason}" for reason in one.reasons()),
        ]
    )


def _cells(line: dict[str, Any], metric: str) -> tuple[str, ...]:
    """Published, ours, difference, verdict."""
    told, ours = line[f"{metric}_published"], line[metric]
    own = f"{ours:.2f} ± {line[f'{metric}_sd']:.2f}" if f"{metric}_sd" in line else f"{ours:.2f}"
    if told is None:
        return "-", own, "", ""
    return f"{told:.2f}", own, f"{ours - told:+.2f}", "agrees" if line[f"{metric}_agrees"] else "differs"


def _csv(judged: Sequence[Judged]) -> str:
    return csv_text([line for one in judged for line in one.numbers()])


def _json(judged: Sequence[Judged]) -> str:
    found = [
        {
            "row": one.row.name,
            "protocol": one.row.protocol,
            "fpr95_positive": find_protocol(one.row.protocol).positive,
            "evidence": one.row.evidence,
            "work_dir": str(one.work_dir),
            "numbers": list(one.numbers()),
            "may_differ": one.reasons(),
        }
        for one in judged
    ]
    return json.dumps(found, indent=2)


WAYS = {
    "text": _text,
    "markdown": lambda judged: _text(judged, markdown=True),
    "csv": _csv,
    "json": _json,
}
