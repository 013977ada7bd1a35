"""What ``tools/report.py`` does: results of work dirs become a page."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from mmneglabel import results
from mmneglabel.errors import ConfigError
from mmneglabel.storage.text_files import write_atomically
from mmneglabel.visualization.page import PAGE, html_page


def run_report(args: Namespace) -> None:
    """Write the page that ``args`` describe; see ``tools/report.py --help``."""
    names = run_names(args.runs)
    found = {name: results.load(run) for name, run in zip(names, args.runs, strict=True)}
    folder = Path(args.runs[0]).expanduser()
    default = folder / PAGE if len(found) == 1 and folder.is_dir() else Path(PAGE)
    out = Path(args.out).expanduser() if args.out else default
    if out.name == results.FILE:
        raise ConfigError(f"--out {out}: the page would take the place of results; name it *.html")
    text = html_page(found, args.cases, not args.no_images, args.resamples)
    write_atomically(out, text)
    print(f"Written to {out} ({len(text.encode()) / 1e6:.1f} MB): open it in a browser.")


def run_names(runs: Sequence[str]) -> list[str]:
    """What to call work dirs: the ends of their paths, as long as it takes to tell them apart.

    Raises:
        ConfigError: one is given twice.
    """
    paths = [Path(run).expanduser().resolve() for run in runs]
    paths = [path.parent if path.name == results.FILE else path for path in paths]
    if len({*paths}) < len(paths):
        twice = next(run for run, path in zip(runs, paths, strict=True) if paths.count(path) > 1)
        raise ConfigError(f"{twice} is given twice: name each run once")
    length = 1
    while len({path.parts[-length:] for path in paths}) < len(paths):
        length += 1
    return ["/".join(path.parts[-length:]) for path in paths]
