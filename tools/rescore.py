#!/usr/bin/env python
"""Score kept image features instead of images: other scores, groups, temperatures, ratios or quantiles in seconds."""

import argparse
import sys

from mmneglabel.engine.launch import one_line_errors
from mmneglabel.engine.testing import add_arguments, run_rescore

EPILOG = """
tools/test.py CONFIG --save-features keeps the features. They serve every config with the same backbone, weights,
--amp, preprocessing and data sets, whatever its banks, scores and groups of sets are. The table, metrics.json and
scores.npz are those of tools/test.py. A bank that is not in the cache is mined first, which encodes its words. Images
that are there must be the same as then; they may also be gone.
"""


def parse_args() -> argparse.Namespace:
    """The command line: that of tools/test.py, without what starts several processes."""
    parser = argparse.ArgumentParser(description=__doc__, epilog=EPILOG)
    add_arguments(parser)
    parser.set_defaults(launcher="none")
    return parser.parse_args()


if __name__ == "__main__":
    arguments = parse_args()
    sys.exit(one_line_errors(lambda: run_rescore(arguments)))
