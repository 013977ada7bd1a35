"""A tool in the process of the test: what a start in a process of its own costs, one test a tool pays."""

import re
import runpy
import sys

import numpy as np
import pytest
from paths import ROOT

from mmneglabel.cli.blaming import run_words
from mmneglabel.cli.calibrating import run_calibrate
from mmneglabel.cli.evaluate import run_evaluate
from mmneglabel.cli.exporting import run_export
from mmneglabel.cli.launch import one_line_errors
from mmneglabel.cli.predicting import run_predict
from mmneglabel.cli.publishing import run_figures, run_table
from mmneglabel.cli.saving import run_save
from mmneglabel.cli.sharding import run_sharded
from mmneglabel.cli.showing import run_report
from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.cli.training import run_train

TOOLS = {
    run_calibrate: "calibrate",
    run_evaluate: "evaluate",
    run_export: "export",
    run_predict: "predict",
    run_sharded: "predict",
    run_test: "test",
    run_report: "report",
    run_rescore: "rescore",
    run_train: "train",
    run_words: "words",
    run_figures: "figures",
    run_table: "table",
    run_save: "save_checkpoint",
}
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


def assert_same_results(one, other, atol):
    """Two results files of the same images say the same, but for how a matrix product rounds by its batch's shape."""
    for name in ("set_names", "score_names", "log_odds_names", "unreadable", "shares_of"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("paths", "class_names", "negatives"):
        assert list(getattr(one, name)) == list(getattr(other, name)), name
    assert one.words.keys() == other.words.keys()
    for name, facts in one.words.items():
        np.testing.assert_allclose(facts, other.words[name], rtol=0, atol=1e-4, err_msg=name)
    for name in ("set_index", "pred_label", "gt_label"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(one.readable, other.readable)
    here = one.readable
    for name, error in (("scores", atol), ("log_odds", 100 * atol)):
        np.testing.assert_allclose(getattr(one, name)[here], getattr(other, name)[here], rtol=0, atol=error)
    # Of which words they are may change where two shares are as good as equal.
    assert one.shares.keys() == other.shares.keys()
    for name in one.shares.keys() & {"label_shares", "negative_shares"}:
        np.testing.assert_allclose(one.shares[name][here], other.shares[name][here], rtol=0, atol=atol)
    assert one.streams.keys() == other.streams.keys()
    for name, played in one.streams.items():
        mine, theirs = ((of.order, of.batch_size, of.seeds) for of in (played, other.streams[name]))
        assert mine == theirs
        for of, scores in played.scores.items():
            np.testing.assert_allclose(scores, other.streams[name].scores[of], rtol=0, atol=10 * atol)
    for score, by_set in one.thresholds.items():
        for name, read_at in by_set.items():
            assert read_at == pytest.approx(other.thresholds[score][name], rel=1e-4, abs=atol)
