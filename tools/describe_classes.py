#!/usr/bin/env python
"""Let a language model describe each class in a sentence, into a file that TextAnchorHook reads (DescriptionFile).

python tools/describe_classes.py classes.txt classes.tsv --model Qwen/Qwen2.5-7B-Instruct
python tools/describe_classes.py classes.txt classes.tsv --endpoint http://localhost:8000/v1 --model qwen

Each answer is written at once, and classes that the file describes are not asked about again: an interrupted run goes
on where it stopped, and a line that is mended by hand stays. Read the file before you train with it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("class_list", help="text file, one class a line, a WordNet id before the name or none")
    parser.add_argument("out", type=Path, help="file of `class name<TAB>description` lines to write or to complete")
    parser.add_argument("--model", required=True, help="a folder, a name on the Hugging Face hub, or the endpoint's")
    parser.add_argument("--batch-size", type=int, default=16, help="questions at a time of a local model (default: 16)")
    parser.add_argument("--endpoint", metavar="URL", help="ask a server that speaks OpenAI's chat schema instead")
    parser.add_argument(
        "--api-key-env",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="variable of its key, or none (default: %(default)s)",
    )
    parser.add_argument("--concurrency", type=int, default=16, help="requests at a time (default: 16)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from _describe_classes import run

    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run(arguments)))
