"""A tool in the process of the test: what a start in a process of its own costs, one test a tool pays."""

import re
import runpy
import sys

from paths import ROOT

from mmneglabel.cli.launch import one_line_errors
from mmneglabel.cli.saving import run_save
from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.cli.training import run_train

TOOLS = {run_test: "test", run_rescore: "rescore", run_train: "train", run_save: "save_checkpoint"}
TABLE = re.compile(r"^ID set:.*?^All in percent", re.MULTILINE | re.DOTALL)
sys.path.append(str(ROOT / "tools"))  # behind all: `test` is also a package of Python's


def parsed(run, *command):
    """A command line as the tool reads it that does ``run``."""
    parse_args = runpy.run_path(str(ROOT / "tools" / f"{TOOLS[run]}.py"))["parse_args"]
    return parse_args([*map(str, command)])


def error_line(capsys):
    """The one line that tells of an error, of all that was printed since the last look."""
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    return line


def launch(run, *command, **settings):
    """The exit code of what a tool does with this command line; ``settings`` of the arguments have the last word."""
    try:
        args = parsed(run, *command)
    except SystemExit as stop:
        return stop.code
    vars(args).update(settings)
    return one_line_errors(lambda: run(args))
