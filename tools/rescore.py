#!/usr/bin/env python
"""Score kept image features instead of images: other scores, groups, temperatures, ratios or quantiles in seconds."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from _command_line import add_test

EPILOG = """
tools/test.py CONFIG --save-features keeps the features. They serve every config with the same backbone, weights,
--amp, preprocessing and data sets, whatever its banks, scores and groups of sets are. The table, metrics.json and
results.safetensors are those of tools/test.py. A bank that is not in the cache is mined first, which
encodes its words. Images that are there must be the same as then; they may also be gone.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line: that of tools/test.py, without what starts several processes."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    add_test(parser)
    parser.set_defaults(launcher="none")
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import run_tool
    from mmneglabel.cli.testing import run_rescore

    sys.exit(run_tool(run_rescore, arguments))
