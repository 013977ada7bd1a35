#!/usr/bin/env python
"""Show what is in a saved label bank: sizes, what it was made from, the farthest words of each part of speech."""

import argparse
import json
import sys

from _command_line import count


def inspect_bank(path: str, words: int) -> None:
    """Print the bank's summary, its recipe and the first ``words`` negatives of each part of speech."""
    from mmneglabel.mining import load_bank

    bank = load_bank(path)
    print(bank.summary())
    print(json.dumps(bank.recipe, indent=2))
    print("distance  part  negative label")
    rows = list(zip(bank.distances.tolist(), bank.parts_of_speech, bank.negatives, strict=True))
    for part in dict.fromkeys(bank.parts_of_speech):
        for distance, _, word in [row for row in rows if row[1] == part][:words]:
            print(f"{distance:8.4f}  {part:<4}  {word}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bank", help="a file of the bank cache, or one written by save_bank")
    parser.add_argument("--words", type=count, default=10, help="how many of each part of speech (default: 10)")
    arguments = parser.parse_args()  # before the package is imported, which takes seconds
    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: inspect_bank(arguments.bank, arguments.words)))
