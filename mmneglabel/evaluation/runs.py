"""Work dirs of several runs of one setting, as the tools that compare runs are given them."""

import glob
from pathlib import Path

from mmneglabel.errors import DataError


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
