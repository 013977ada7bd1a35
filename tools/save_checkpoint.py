#!/usr/bin/env python
"""Save a config's model as one checkpoint, for machines without network and for MMPretrain's own tools/test.py."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from _command_line import add_config


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what else tools/test.py takes is at its default."""
    parser = ArgumentParser(description=__doc__)
    add_config(parser)
    parser.add_argument("file", metavar="checkpoint", type=Path, help="file to write, such as clip-vit-b16.pth")
    parser.set_defaults(checkpoint=None, amp=False, launcher="none", work_dir=None, verbose=False)
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import run_tool
    from mmneglabel.cli.saving import run_save

    sys.exit(run_tool(run_save, arguments))
