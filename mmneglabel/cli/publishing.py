"""What ``tools/table.py`` and ``tools/figures.py`` do: find the runs, and write what is wanted of them."""

import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from glob import glob
from pathlib import Path
from typing import Any

from mmneglabel import results
from mmneglabel.cli.console import one_line_warnings
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.runs import Runs
from mmneglabel.storage.text_files import as_path, write_atomically
from mmneglabel.visualization import figures, formats
from mmneglabel.visualization.ablations import ablations
from mmneglabel.visualization.curves import main_score
from mmneglabel.visualization.drawing import save
from mmneglabel.visualization.tables import select


def run_table(args: Namespace) -> None:
    """Print or write the table; see ``tools/table.py --help``."""
    cells, transposed = select(read_runs(args.runs), args.scores, args.sets, args.metrics), args.layout == "methods"
    ways = {
        "text": lambda: formats.as_text(cells, transposed),
        "markdown": lambda: formats.as_markdown(cells, transposed),
        "latex": lambda: formats.as_latex(cells, transposed, args.command),
        "csv": lambda: formats.as_csv(cells),
        "json": lambda: formats.as_json(cells),
    }
    text = ways[args.format]()
    if not args.out:
        print(text)
        return
    write_atomically(Path(args.out), f"{text}\n")
    print(f"Written to {args.out}")


def read_runs(specs: Sequence[str]) -> list[Runs]:
    """The runs that a command line names: each a work dir, a results file, or NAME=PATTERN.

    Raises:
        DataError: there is none.
        ConfigError: two have one name, or those of one name are of several settings.
    """
    runs = []
    for name, places in map(_named, specs):
        if name in [run.name for run in runs]:
            raise ConfigError(f"Two runs are called {name!r}: write NAME=PATH, with another NAME for each")
        runs.append(Runs(name, {str(place): OODReport(results.load(place)) for place in places}))
    return runs


def _named(spec: str) -> tuple[str, list[Path]]:
    """The name of a run, which is its folder's where none is given, and where it lies; of several, the places."""
    place = as_path(spec, "run")
    if place.exists():
        folder = place.parent if place.is_file() else place
        return folder.name if folder.name not in ("", "..") else folder.resolve().name, [place]
    name, _, pattern = spec.partition("=")
    pattern = str(as_path(pattern, "run")) if name and pattern else ""
    found = sorted(map(Path, glob(pattern)))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise DataError(f"{spec!r}: no work dirs there; write a work dir, or NAME='work_dirs/pattern-*'")
    return name, found


def run_figures(args: Namespace) -> None:
    """Write the figures that the runs have data for, and say what is left out; see ``tools/figures.py --help``.

    Raises:
        ConfigError: the names of two runs make one folder's.
    """
    one_line_warnings(True)  # matplotlib's, of letters that its fonts lack
    runs, out = read_runs(args.runs), Path(args.out)
    folders = [re.sub(r"[^\w.-]+", "-", run.name).lstrip(".") if len(runs) > 1 else "" for run in runs]
    if len({*folders}) < len(folders):
        raise ConfigError(f"Figures of two runs would go into one folder of {', '.join(folders)}: give others a NAME=")
    for run, folder in zip(runs, folders, strict=True):
        _of_run(run, out / folder, args)
    found = ablations(runs)
    for key, of_key in found.items():
        _save(out / f"ablation-{key}", args, partial(figures.draw_ablation, of_key, args.width))
    if not found:
        print("No ablation: no three scores of these runs differ in one number alone")


def _of_run(run: Runs, folder: Path, args: Namespace) -> None:
    """The figures of one run; of several seeds' the first."""
    place, report = next(iter(run.reports.items()))
    scores, score = [name for name in report.metrics if name not in report.images.streams], main_score(report.images)
    if len(run.reports) > 1:
        print(f"{run.name}: histograms and ROC curves are of the first of its runs alone, {place}")
    if score not in scores:
        print(f"{run.name}: no histograms and ROC curves, as {score!r} has no values outside its streams")
        return
    _save(folder / "histograms", args, partial(figures.draw_histograms, report, score, args.width))
    _save(folder / "roc", args, partial(figures.draw_roc, report, score, args.width))
    if len(scores) > 1:
        _save(folder / "roc-scores", args, partial(figures.draw_scores, report, scores, args.width))
    else:
        print(f"{run.name}: no ROC curves of scores, as there is one alone")
    if report.images.shares_of == score:
        cases = figures.telling_cases(report.images, score)
        _save(folder / "cases", args, partial(figures.draw_cases, cases, args.width))
    else:
        print(f"{run.name}: no single images, as no words are told of {score!r}")


def _save(path: Path, args: Namespace, draw: Callable[[], Any]) -> None:
    save(draw, [path.with_name(f"{path.name}.{kind}") for kind in args.format])
    print(f"Written: {path}.{', .'.join(args.format)}")
