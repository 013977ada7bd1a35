#!/usr/bin/env python
"""Bake a tested detector into a folder that runs without PyTorch, and show that it gives the same."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from _command_line import add_detector

EPILOG = """
example:
  python -m mmneglabel export work_dirs/neglabel_demo animals --threshold threshold.json
  python animals/detector.py photo.jpg          # wants numpy, pillow and onnxruntime

Wants the extra: pip install 'mmneglabel[export]'. Pictures to compare on are those of the work dir's test, or --images.
"""


def parse_args(argv: Sequence[str] | None = None) -> Namespace:
    """The command line; what it says of models and folders is looked at by the package."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("model", help="work dir of a test, a config file, or the name of a shipped one")
    parser.add_argument("out", help="the folder to write, which must not exist")
    parser.add_argument("--threshold", metavar="FILE", help="threshold.json of calibrate, for it to decide")
    parser.add_argument(
        "--format",
        choices=("onnx", "torch-export"),
        default="onnx",
        help="the latter adds detector.pt2",
    )
    parser.add_argument(
        "--precision", choices=("fp32", "fp16"), default="fp32", help="of the image tower's weights (default: fp32)"
    )
    parser.add_argument("--images", metavar="FOLDER", help="pictures to compare on: a folder or a list")
    parser.add_argument(
        "--static", action="store_true", help="add static.onnx: one picture, as normalised floats (1, 3, H, W)"
    )
    add_detector(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.exporting import run_export
    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run_export(arguments)))
