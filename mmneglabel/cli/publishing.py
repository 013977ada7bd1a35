"""What ``tools/table.py`` does: find the runs, and write the table."""

from argparse import Namespace
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from mmneglabel import results
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation import OODReport
from mmneglabel.evaluation.runs import Runs
from mmneglabel.storage.text_files import as_path, write_atomically
from mmneglabel.visualization import formats
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
        return folder.resolve().name, [place]
    name, _, pattern = spec.partition("=")
    pattern = str(as_path(pattern, "run")) if name and pattern else ""
    found = sorted(map(Path, glob(pattern)))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise DataError(f"{spec!r}: no work dirs there; write a work dir, or NAME='work_dirs/pattern-*'")
    return name, found
