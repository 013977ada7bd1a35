#!/usr/bin/env python
"""Test a config on its ID and OOD sets: prints the table, writes metrics.json into the work dir."""

import argparse
import os
import sys

from mmneglabel.engine.launch import add_launcher, one_line_errors
from mmneglabel.engine.testing import add_arguments, run_test


def parse_args() -> argparse.Namespace:
    """The command line, compatible with MMPretrain's tools/test.py."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument(
        "--save-features", action="store_true", help="also keep the image features in the cache, for tools/rescore.py"
    )
    add_launcher(parser)
    args = parser.parse_args()
    os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    return args


if __name__ == "__main__":
    arguments = parse_args()
    sys.exit(one_line_errors(lambda: run_test(arguments)))
