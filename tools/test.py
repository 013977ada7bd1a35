#!/usr/bin/env python
"""Test a config on its ID and OOD sets: prints the table, writes metrics.json into the work dir."""

import argparse
import os
import sys

from mmengine.config import DictAction

from mmneglabel.engine.launch import one_line_errors, run_test


def parse_args() -> argparse.Namespace:
    """The command line, compatible with MMPretrain's tools/test.py."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="config file")
    parser.add_argument("checkpoint", nargs="?", help="checkpoint file; left out or 'none': backbone.pretrained")
    parser.add_argument("--work-dir", help="where logs and results go (default: work_dirs/<config name>)")
    parser.add_argument("--amp", action="store_true", help="run the towers under autocast; scores stay in float32")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, metavar="KEY=VALUE", help="override settings of the config"
    )
    parser.add_argument("--launcher", choices=["none", "pytorch", "slurm", "mpi"], default="none")
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--traceback", action="store_true", help="show where a broken config fails")
    args = parser.parse_args()
    os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    return args


if __name__ == "__main__":
    arguments = parse_args()
    sys.exit(one_line_errors(lambda: run_test(arguments)))
