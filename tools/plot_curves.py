#!/usr/bin/env python
"""Curves of one or several trainings into a picture; runs of one name become their mean and range.

python tools/plot_curves.py TagFog='work_dirs/tagfog-*' --keys loss_ce ood/MSP/auroc --out curves.png
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # a file is wanted, on machines without a screen too

import numpy as np
from matplotlib import pyplot

from mmneglabel.errors import DataError, NegLabelError
from mmneglabel.evaluation.runs import named_runs

GRID = np.linspace(0, 1, 101)
"""Where curves of different lengths meet: the share of the training that is done."""


def curve(folder: Path, key: str) -> np.ndarray | None:
    """Values of ``key`` on :data:`GRID`, from what a training in ``folder`` logged, resumed or not; None if nothing.

    Raises:
        DataError: nothing at all was logged.
    """
    files = sorted(folder.glob("*/vis_data/scalars.json"))
    if not files:
        raise DataError(f"{folder} holds no */vis_data/scalars.json: give the work dir of a training")
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    points = {line["step"]: line[key] for line in lines if key in line}  # a resumed run says the last word
    if not points:
        return None
    steps = np.array(sorted(points))
    return np.interp(GRID, steps / steps[-1], [points[step] for step in steps], left=np.nan)


def draw(runs: Sequence[tuple[str, list[Path]]], keys: Sequence[str], out: Path) -> None:
    """A panel a key, a line a name where it logged the key: cross-entropy alone has no anchor loss.

    Raises:
        DataError: nobody logged a key.
    """
    figure, panels = pyplot.subplots(1, len(keys), figsize=(4 * len(keys), 3), squeeze=False, layout="constrained")
    for panel, key in zip(panels[0], keys, strict=True):
        for name, folders in runs:
            found = [values for folder in folders if (values := curve(folder, key)) is not None]
            if found:
                panel.plot(GRID, np.mean(found, 0), label=name)
                panel.fill_between(GRID, np.min(found, 0), np.max(found, 0), alpha=0.2)
        if not panel.lines:
            raise DataError(f"nobody logged {key!r}: vis_data/scalars.json in the work dirs shows what there is")
        panel.set(title=key, xlabel="share of the training")
        panel.legend()
    figure.savefig(out, dpi=120)


def main() -> None:
    """Draw; a user's error is one line and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="NAME=PATTERN", help="work dirs of one setting, one a seed")
    parser.add_argument("--keys", nargs="+", default=["loss"], help="what was logged (default: loss)")
    parser.add_argument("--out", type=Path, default=Path("curves.png"))
    args = parser.parse_args()
    try:
        draw([named_runs(spec) for spec in args.runs], args.keys, args.out)
    except NegLabelError as error:
        raise SystemExit(f"error: {error}") from error
    print(f"Curves drawn into {args.out}.")


if __name__ == "__main__":
    main()
