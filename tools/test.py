#!/usr/bin/env python
"""Test a config on its ID and OOD sets: prints the table, writes metrics.json into the work dir."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from _command_line import add_save_features, add_test, parse_launched


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line, compatible with MMPretrain's tools/test.py."""
    parser = ArgumentParser(description=__doc__)
    add_test(parser)
    add_save_features(parser)
    return parse_launched(parser, argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import run_tool
    from mmneglabel.cli.testing import run_test

    sys.exit(run_tool(run_test, arguments))
