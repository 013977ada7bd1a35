#!/usr/bin/env python
"""Train a config and validate it on the way: logs, curves and checkpoints go into the work dir."""

import argparse
import os
import sys

from mmneglabel.engine.launch import add_launcher, one_line_errors
from mmneglabel.engine.training import add_arguments, run_train


def parse_args() -> argparse.Namespace:
    """The command line, compatible with MMPretrain's tools/train.py."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    add_launcher(parser)
    args = parser.parse_args()
    os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    return args


if __name__ == "__main__":
    arguments = parse_args()
    sys.exit(one_line_errors(lambda: run_train(arguments)))
