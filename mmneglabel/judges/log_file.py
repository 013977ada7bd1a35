"""The file of a decision log: JSON lines, one a decision, each on disk at once, written by one process at a time.

NegRefine's authors' own form (``word | proper noun``, ``word | label | subcategory``) can be read too.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mmneglabel.errors import DataError
from mmneglabel.judges.judge import VERDICTS, Question

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None

_LOG = logging.getLogger(__name__)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Decision:
    """What was decided about one question, one of ``VERDICTS``, and how.

    Args:
        answer: the beginning of the model's reply, verbatim.
        text: the question as the model got it.
    """

    question: Question
    verdict: str
    answer: str = ""
    model: str = ""
    system: str = ""
    text: str = ""

    def line(self) -> bytes:
        """One line of the log."""
        asked = self.question
        values = {"kind": asked.kind, "word": asked.word, "label": asked.label, "verdict": self.verdict}
        values |= {"answer": self.answer, "model": self.model, "system": self.system, "question": self.text}
        return json.dumps(values).encode() + b"\n"


class Decisions(NamedTuple):
    """What a file holds.

    Attributes:
        decisions: in the file's order.
        settled: words that were out before all was asked about them, as NegRefine's authors did.
        whole: bytes up to the end of the last whole line; what follows was torn off by a kill.
    """

    decisions: list[Decision]
    settled: set[str]
    whole: int


def read_decisions(path: Path) -> Decisions:
    """What a file of either form holds; a line other than a torn last one that is no decision is an error."""
    return _parsed(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """A log as it is.

    Raises:
        DataError: it is missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"decision log {path} cannot be read ({error.strerror}): check the path, or set `model` to ask one"
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """The file, made if need be and open for reading and appending, under a lock that ends with the process."""
    with _failure_named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    try:
        if fcntl:
            _lock(file, path)
        yield file
    finally:
        with suppress(OSError):  # a full disk was reported when it was written to
            file.close()


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DataError(
            f"decision log {path} is being written by another process: wait for that to end, or give this run a log "
            "of its own"
        ) from error
    except OSError as error:  # some network file systems have no locks
        _LOG.warning("%s cannot be locked (%s): see that no other run writes it.", path, error.strerror)


@contextmanager
def _failure_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"decision log {path} cannot be written ({error.strerror}): make room for it, or name another `log`"
        ) from error


def mended(file: BinaryIO, path: Path) -> Decisions:
    """What an open file holds; a torn last line is cut off, and a whole one that lacks its line end gets it.

    Raises:
        DataError: it has the form that is only read, or is damaged.
    """
    file.seek(0)
    data = file.read()
    found = _parsed(data, path)
    if not _is_ours(data):
        raise DataError(
            f"decision log {path} has the form of NegRefine's authors, which is only replayed: name another `log` for "
            "the model's answers, or leave out `model`"
        )
    if found.whole < len(data):
        file.truncate(found.whole)
    if found.whole and data[found.whole - 1 : found.whole] != b"\n":
        append(file, path, b"\n")
    return found


def append(file: BinaryIO, path: Path, data: bytes) -> None:
    """Hand bytes to the system, which keeps them even if this process is killed."""
    with _failure_named(path):
        file.write(data)
        file.flush()


def _parsed(data: bytes, path: Path) -> Decisions:
    """The decisions in a file's bytes; the path is for error messages."""
    return _json_lines(data, path) if _is_ours(data) else _negrefine_text(data, path)


def _is_ours(data: bytes) -> bool:
    return data.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b"")


def _json_lines(data: bytes, path: Path) -> Decisions:
    """Our form. A last line that is no JSON was torn by a kill: it is left out."""
    whole = len(data)
    lines = data.rstrip().split(b"\n") if data.strip() else []
    decisions = []
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line.removeprefix(_BYTE_ORDER_MARK)) if line.strip() else None
        except ValueError as error:  # no JSON, or no UTF-8
            if number < len(lines):
                raise _damage(path, number, line) from error
            _LOG.warning("The last line of %s is torn, so its question counts as unanswered.", path)
            whole = data.rfind(b"\n", 0, len(data.rstrip())) + 1
        else:
            decisions += [_decision(values, path, number, line)] if line.strip() else []
    return Decisions(decisions, set(), whole)


def _decision(values: Any, path: Path, number: int, line: bytes) -> Decision:
    """One parsed line; a log made elsewhere needs ``word``, ``verdict`` and, for a subcategory, ``label``."""
    values = values if isinstance(values, dict) else {}
    word, label, verdict = values.get("word"), values.get("label"), values.get("verdict")
    if not isinstance(word, str) or not isinstance(label, str | None) or verdict not in VERDICTS:
        raise _damage(path, number, line)
    rest = (str(values.get(key, "")) for key in ("answer", "model", "system", "question"))
    return Decision(Question(word, label), verdict, *rest)


def _negrefine_text(data: bytes, path: Path) -> Decisions:
    """The form of NegRefine's authors: a line a question, a ruler, then counts.

    There the questions about a word end at its first yes, and pairs are asked only of words that are no proper nouns.
    """
    decisions, settled = {}, set()
    for number, line in enumerate(data.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), 1):
        if line.startswith(b"-----"):
            break
        parts = [part.strip() for part in line.decode(errors="replace").split("|")]
        match parts:
            case [word, "proper noun"] if word:
                settled.add(word)
                decisions[Question(word)] = "yes"
            case [word, label, "subcategory" | "" as found] if word and label:
                settled |= {word} if found else set()
                decisions[Question(word)] = "no"
                decisions[Question(word, label)] = "yes" if found else "no"
            case _ if line.strip():
                raise _damage(path, number, line)
    return Decisions([Decision(question, verdict) for question, verdict in decisions.items()], settled, len(data))


def _damage(path: Path, number: int, line: bytes) -> DataError:
    seen = " ".join(line.decode(errors="replace").split())[:80]
    return DataError(
        f"{path}:{number}: {seen!r} is no decision: mend or remove the line, and its question is asked anew"
    )
