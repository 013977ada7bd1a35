#!/usr/bin/env python
"""Save a config's model as one checkpoint, for machines without network and for MMPretrain's own tools/test.py."""

import argparse
import sys

from mmneglabel.engine.launch import one_line_errors
from mmneglabel.engine.saving import add_arguments, run_save

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    sys.exit(one_line_errors(lambda: run_save(arguments)))
