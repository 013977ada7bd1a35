#!/usr/bin/env python
"""Train a config and validate it on the way: logs, curves and checkpoints go into the work dir."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from _command_line import add_config, add_run, parse_launched


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line, compatible with MMPretrain's tools/train.py."""
    parser = ArgumentParser(description=__doc__)
    add_config(parser)
    parser.add_argument(
        "--resume", nargs="?", const="auto", help="go on from this checkpoint, or from the last one in the work dir"
    )
    parser.add_argument("--seed", type=int, help="of weights, order and augmentation (default: the config's)")
    parser.add_argument("--amp", action="store_true", help="train in mixed precision; losses stay in float32")
    parser.add_argument("--no-validate", action="store_true", help="do not validate while training")
    parser.add_argument(
        "--auto-scale-lr", action="store_true", help="scale the learning rate with the batch size of all processes"
    )
    add_run(parser)
    return parse_launched(parser, argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import run_tool
    from mmneglabel.cli.training import run_train

    sys.exit(run_tool(run_train, arguments))
