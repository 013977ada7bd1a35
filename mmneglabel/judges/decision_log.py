"""The log of a language model's decisions: JSON lines, one a decision; NegRefine's own form can be read too."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmneglabel.errors import DataError
from mmneglabel.judges.questions import VERDICTS, Question

_LOG = logging.getLogger(__name__)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Decision:
    """What was decided about one question, and how.

    Args:
        question: what was asked.
        verdict: one of ``VERDICTS``.
        answer: the beginning of the model's reply, verbatim.
        model: the model's name.
        system: the system prompt.
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


@dataclass(frozen=True)
class Log:
    """What a log file holds.

    Args:
        decisions: in the file's order.
        settled: words that were out before all was asked about them.
        whole: bytes up to the end of the last whole line; what follows was torn off by a kill.
        appendable: whether the file has the form that is written.
    """

    decisions: tuple[Decision, ...] = ()
    settled: frozenset[str] = frozenset()
    whole: int = 0
    appendable: bool = True


def read_log(path: Path) -> Log:
    """The decisions in a file, of either form.

    Raises:
        DataError: the file is missing or unreadable, or a line other than a torn last one is no decision.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"decision log {path} cannot be read ({error.strerror}): check the path") from error
    return parse_log(data, path)


def parse_log(data: bytes, path: Path) -> Log:
    """The decisions in a file's bytes; the path is for error messages.

    Raises:
        DataError: a line other than a torn last one is no decision.
    """
    if data.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b""):
        return _json_lines(data, path)
    return _negrefine_text(data, path)


def _json_lines(data: bytes, path: Path) -> Log:
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
    return Log(tuple(decisions), whole=whole)


def _decision(values: Any, path: Path, number: int, line: bytes) -> Decision:
    """One parsed line; a log made elsewhere needs ``word``, ``verdict`` and, for a subcategory, ``label``."""
    values = values if isinstance(values, dict) else {}
    word, label, verdict = values.get("word"), values.get("label"), values.get("verdict")
    if not isinstance(word, str) or not isinstance(label, str | None) or verdict not in VERDICTS:
        raise _damage(path, number, line)
    rest = (str(values.get(key, "")) for key in ("answer", "model", "system", "question"))
    return Decision(Question(word, label), verdict, *rest)


def _negrefine_text(data: bytes, path: Path) -> Log:
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
    listed = tuple(Decision(question, verdict) for question, verdict in decisions.items())
    return Log(listed, frozenset(settled), whole=len(data), appendable=False)


def _damage(path: Path, number: int, line: bytes) -> DataError:
    seen = " ".join(line.decode(errors="replace").split())[:80]
    return DataError(
        f"{path}:{number}: {seen!r} is no decision: mend or remove the line, and its question is asked anew"
    )
