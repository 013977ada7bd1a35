"""A tool in the process of the test: what a start in a process of its own costs, one test a tool pays."""

from argparse import ArgumentParser

from mmneglabel.engine.launch import one_line_errors
from mmneglabel.engine.testing import add_arguments


def launch(run, *arguments, save_features=False):
    """The exit code of what a tool does with these arguments of its command line."""
    parser = ArgumentParser()
    add_arguments(parser)
    parser.set_defaults(launcher="none", save_features=save_features)
    args = parser.parse_args([*map(str, arguments)])
    return one_line_errors(lambda: run(args))
