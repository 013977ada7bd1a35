"""What compare_runs.py does: metrics of several runs into one table."""

import glob
import json
import statistics
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from mmneglabel.cli.tables import padded
from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.evaluation.metrics import METRIC_NAMES
from mmneglabel.evaluation.report import RUN

Metrics = dict[str, dict[str, dict[str, float]]]


def run(args: Namespace) -> None:
    """Print the table.

    Raises:
        ConfigError: there is no such metric.
    """
    if args.metric not in METRIC_NAMES:
        raise ConfigError(f"--metric {args.metric}: {did_you_mean(args.metric, METRIC_NAMES)}")
    runs = {name: [read_metrics(folder) for folder in folders] for name, folders in map(named_runs, args.runs)}
    print(f"{args.metric}, percent, mean ± standard deviation over runs\n\n{table(runs, args.sets, args.metric)}")


def named_runs(spec: str) -> tuple[str, list[Path]]:
    """``NAME=PATTERN`` to the name and the folders that match, sorted.

    Raises:
        DataError: it has another form, or nothing matches.
    """
    name, _, pattern = spec.partition("=")
    folders = sorted(Path(found) for found in glob.glob(pattern))  # noqa: PTH207 - a pattern may be absolute
    if not name or not folders:
        raise DataError(f"{spec!r}: no work dirs there; write NAME='work_dirs/pattern-*'")
    return name, folders


def read_metrics(folder: Path) -> Metrics:
    """The scores in the ``metrics.json`` of a test in ``folder``, without what it says of the run.

    Raises:
        DataError: there is none.
    """
    try:
        metrics = json.loads((folder / "metrics.json").read_text())
        return {name: found for name, found in metrics.items() if name != RUN}
    except (OSError, json.JSONDecodeError) as error:
        raise DataError(
            f"{folder}/metrics.json cannot be read ({error}): test the run with --work-dir {folder}"
        ) from error


def spread(values: Sequence[float]) -> str:
    """Mean in percent, and the sample standard deviation where there are several."""
    mean = f"{100 * statistics.mean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ± {100 * statistics.stdev(values):.1f}"


def table(runs: dict[str, list[Metrics]], sets: Sequence[str], metric: str) -> str:
    """A Markdown table: a row a score and name, where all its runs have it; a column a set; and the ID accuracy.

    Raises:
        DataError: a run has no such set.
    """
    rows = [["score", "run", *sets]]
    for score in dict.fromkeys(score for metrics in runs.values() for score in metrics[0]):
        for name, metrics in runs.items():
            if all(score in one for one in metrics):
                rows.append([score, name, *(spread([_value(one[score], s, metric) for one in metrics]) for s in sets)])
    cells = padded(rows)
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (len(cell) + 2) for cell in cells[0]) + "|")
    return "\n".join([*lines, "", *_accuracies(runs)])


def _value(blocks: dict[str, dict[str, float]], name: str, metric: str) -> float:
    if name not in blocks:
        raise DataError(f"no set or group {name!r} in a metrics.json: {did_you_mean(name, blocks)}")
    return blocks[name][metric]


def _accuracies(runs: dict[str, list[Metrics]]) -> list[str]:
    found = {name: [next(iter(one.values()))["mean"].get("id_accuracy") for one in all_] for name, all_ in runs.items()}
    return [
        f"ID accuracy, {name}: {spread(values)} % over {len(values)} runs"
        for name, values in found.items()
        if None not in values
    ]
