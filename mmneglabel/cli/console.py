"""What a tool prints, in the width of the terminal (COLUMNS, or 80): the log file has all of it and all the rest."""

import logging
import os
import re
import shutil
import sys
import textwrap
import warnings
from logging.handlers import QueueHandler

import mmengine

from mmneglabel.evaluation.metrics import METRIC_NAMES

_MMENGINE = mmengine.__path__[0] + os.sep
# MMEngine's modules and functions that say what is worth keeping and not worth reading: environment, config and hooks.
_FILE_ALONE = {("runner", "_log_env"), ("runner", "__init__"), ("runner", "wrap_model")}
# MMEngine's line of progress, "Epoch(test) [ 50/336]    eta: 0:01:00  time: 0.21": its head, then items.
_PROGRESS = re.compile(r"(\w+\(\w+\))\s*((?:\[[^]]*\])+)\s*(.*)", re.DOTALL)
_ITEM = re.compile(r"\s{2,}|\s(?=\S*lr: )")  # names of scores, and so of metrics, may have blanks
# What the log file alone has of these items.
_LEFT_OUT = ("base_lr", "data_time", "memory", "time")


class ConsoleHandler(logging.StreamHandler):
    """Prints what :func:`console_text` makes of a record."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record, or nothing where it is for the log file alone."""
        if console_text(record) is not None:
            super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """The text without time, name and colours."""
        return console_text(record) or ""


def keep_to_the_point(logger: logging.Logger) -> None:
    """Let MMEngine's logger print our short lines; what it writes to its file stays as it is."""
    for place, old in enumerate(logger.handlers):
        if type(old) is logging.StreamHandler:
            new = ConsoleHandler(old.stream)
            new.setLevel(old.level)  # of all processes the first alone prints what is below an error
            new.filters = old.filters  # each warning once
            logger.handlers[place] = new


class _HandOn(QueueHandler):
    """Gives what one logger hears to another, as whole sentences: MMEngine's filter tells two by nothing else."""

    def enqueue(self, record: logging.LogRecord) -> None:
        """Let the other logger have it."""
        self.queue.handle(record)


def log_ours_to(logger: logging.Logger) -> None:
    """Let MMEngine's logger print and write what our modules log, and nobody else.

    A library may have given the root logger a handler, which would print it once more.
    """
    ours = logging.getLogger("mmneglabel")
    ours.handlers, ours.propagate = [_HandOn(logger)], False
    ours.setLevel(logging.INFO)


def console_text(record: logging.LogRecord) -> str | None:
    """A record as the console shows it; None where it is for the log file alone."""
    message = record.getMessage()
    if record.levelno >= logging.WARNING:
        return wrapped(f"{record.levelname.lower()}: {' '.join(message.split())}")
    if record.pathname.startswith(_MMENGINE):
        if (record.module, record.funcName) in _FILE_ALONE:
            return None
        if record.module == "logger_hook":
            return _progress(message)
    return message if "\n" in message else wrapped(message)  # a table is laid out already


def one_line_warnings(first: bool) -> None:
    """Let Python's warnings be one line each, without the source that they come from, of the first process alone."""

    def show(message: Warning | str, *_: object) -> None:
        if first:
            warn(str(message))

    warnings.showwarning = show


def warn(text: str) -> None:
    """Print a warning where there is no logger yet."""
    print(wrapped(f"warning: {' '.join(text.split())}"), file=sys.stderr)


def wrapped(text: str) -> str:
    """One line of words in the width of the terminal; a path is never cut, and may be wider."""
    width = shutil.get_terminal_size().columns
    return textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _progress(message: str) -> str | None:
    """MMEngine's line without what stands in the table, or what nobody needs; None where nothing is left."""
    if not (line := _PROGRESS.match(message)):
        return None
    items = [item for item in _ITEM.split(line[3].strip()) if item]
    shown = [item for item in items if _worth_reading(item.rpartition(": ")[0])]
    if not shown:
        return None
    whole = "  ".join([f"{line[1]} {line[2]}", *shown])
    return wrapped(whole.replace(": ", ":\0")).replace("\0", " ")  # no line ends between a name and its value


def _worth_reading(key: str) -> bool:
    """Whether it is no metric of ours, ``ood/<score>/.../<metric>`` or ``ood/id_accuracy``, which the table has."""
    *path, last = key.split("/")
    in_table = len(path) > 1 if last in METRIC_NAMES else last == "id_accuracy" and path
    return key not in _LEFT_OUT and not in_table
