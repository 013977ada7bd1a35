"""Say how far the WordNet judge agrees with a language model's verdicts.

python tools/judge_agreement.py llm_process_noun.txt    # NegRefine's own log, or a log of the LLM judge

The model's yes counts as the truth: precision is the share of WordNet's yeses that the model shares, recall the
share of the model's yeses that WordNet finds.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path, help="the model's verdicts, one a line")
    return parser.parse_args(argv)


if __name__ == "__main__":
    arguments = parse_args()  # before the package is imported, which takes seconds
    from _judge_agreement import run

    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run(arguments)))
