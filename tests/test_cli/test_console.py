"""What the console shows of MMEngine's log, in 80 columns, and what is left to the file."""

import io
import logging
import warnings

import mmengine
import pytest
from mmengine.logging.logger import FilterDuplicateWarning

from mmneglabel.cli.console import console_text, keep_to_the_point, log_ours_to, one_line_warnings

TRAIN = (
    "Epoch(train)   [1][  5/391]  base_lr: 1.0000e-01 lr: 1.0000e-01  eta: 1 day, 0:10:00  time: 0.2000  "
    "data_time: 0.1000  memory: 1234  loss: 2.3026  loss_ce: 1.2000  loss_anchor: 0.3000  loss_contrastive: 0.8026"
)
TESTED = "Epoch(test) [17/17]    ood/MCM/auroc: 0.8171  ood/id_accuracy: 0.6855  data_time: 0.0072  time: 0.0283"


MMENGINE = f"{mmengine.__path__[0]}/somewhere"


def record(message, module="logger_hook", function="after_train_iter", level=logging.INFO, folder=MMENGINE):
    return logging.LogRecord("mmengine", level, f"{folder}/{module}.py", 1, message, (), None, function)


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            TRAIN,
            "Epoch(train) [1][  5/391]  lr: 1.0000e-01  eta: 1 day, 0:10:00  loss: 2.3026\n"
            "  loss_ce: 1.2000  loss_anchor: 0.3000  loss_contrastive: 0.8026",
        ),
        ("Epoch(test) [ 50/336]    eta: 0:01:00  time: 0.2", "Epoch(test) [ 50/336]  eta: 0:01:00"),
        (TESTED, None),
        (TESTED + "  accuracy/top1: 80.0000", "Epoch(test) [17/17]  accuracy/top1: 80.0000"),
        (TESTED + "  ood/NegLabel, 10 groups/near/auroc: 0.8", None),
        (TESTED + "  mine/auroc: 0.8", "Epoch(test) [17/17]  mine/auroc: 0.8"),
        (
            "Epoch(train) [1][5/9]  base_lr: 0.1 lr: 0.1  time: 1.0  memory_bank: 3  my/time: 2.0",
            "Epoch(train) [1][5/9]  lr: 0.1  memory_bank: 3  my/time: 2.0",
        ),
        ("Exp name: 20261126", None),
    ],
)
def test_progress(message, shown):
    assert console_text(record(message)) == shown


@pytest.mark.parametrize("function", ["_log_env", "__init__", "wrap_model"])
def test_dumps_are_for_the_file(function):
    assert console_text(record("Config:\na = 1", "runner", function)) is None
    assert console_text(record("Mine", "runner", function, folder="/mine")) == "Mine"


def test_a_table_stays_and_a_sentence_is_wrapped_but_no_path():
    table = "\n" + "-" * 90
    assert console_text(record(table, "ood_metric", "compute_metrics")) == table
    path = "/a" * 50
    assert console_text(record(f"Kept as {path}.", "hook", "f")) == f"Kept as\n  {path}."


def test_a_warning_is_one_sentence_and_said_once():
    stream = io.StringIO()
    logger = logging.Logger("ours")
    handler = logging.StreamHandler(stream)
    handler.setLevel(logging.INFO)
    handler.addFilter(lambda record: record.msg != "twice")
    logger.addHandler(handler)
    keep_to_the_point(logger)
    for message in ("mind\nthe   step", "twice"):
        logger.warning(message)
    logger.debug("below its level")
    assert stream.getvalue() == "warning: mind the step\n"


def test_what_our_modules_log_is_mmengines_and_nobody_elses(caplog):
    stream, logger = io.StringIO(), logging.Logger("theirs")
    logger.addHandler(logging.StreamHandler(stream))
    logger.handlers[0].addFilter(FilterDuplicateWarning())
    log_ours_to(logger)
    for thing in ("this", "that", "that"):
        logging.getLogger("mmneglabel.storage").warning("%s is damaged", thing)
    assert stream.getvalue() == "this is damaged\nthat is damaged\n"
    assert not caplog.records


def test_pythons_warnings_are_the_first_process_alone(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        for first in (True, False):
            one_line_warnings(first)
            warnings.warn("mind\nthe step", stacklevel=1)
    assert capsys.readouterr().err == "warning: mind the step\n"
