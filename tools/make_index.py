#!/usr/bin/env python
"""Write the model index, the metafiles and the tables of published numbers from the configs and the papers' rows.

python tools/make_index.py            # after a config came or went, or a published number changed
python tools/make_index.py --check    # writes nothing; an error names the files that are out of date
"""

import argparse
import sys

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if there is anything to write")
    arguments = parser.parse_args()  # before the package is imported, which takes seconds
    from _make_index import run

    from mmneglabel.cli.launch import one_line_errors

    sys.exit(one_line_errors(lambda: run(arguments.check)))
