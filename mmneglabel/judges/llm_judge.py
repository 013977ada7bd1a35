"""The judge of NegRefine's filter (ICCV 2025, arXiv 2507.09795): a language model's yes and no, logged and replayed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mmneglabel.errors import ConfigError, DataError, LanguageModelError
from mmneglabel.judges.decision_log import Decision, read_log
from mmneglabel.judges.known import Known, check_replayed
from mmneglabel.judges.log_writer import LogWriter
from mmneglabel.judges.questions import SYSTEM, Question, verdict_of
from mmneglabel.language_models import LanguageModel
from mmneglabel.ranks import from_first_rank

VERSION = 1
"""Part of every bank's fingerprint: raised when the same replies would lead to other verdicts."""

_WORTH_A_BAR = 100
_SOON = 20  # answers after which a model that does not keep to yes and no is stopped
_KEPT = 200  # characters of a reply that are logged


@dataclass(frozen=True, kw_only=True)
class LLMJudge:
    """Asks a language model NegRefine's two questions; a reply that begins with yes removes the word.

    Every decision is appended to the log as it arrives, and what the log answers is never asked again. So an
    interrupted run goes on where it stopped, and a finished log serves without any model. With torch.distributed,
    rank 0 alone reads, asks and writes, and every rank has to put the same questions.

    Args:
        log: the decisions, JSON lines. Without a model also several files, and files in the form that NegRefine's
            authors published (``word | proper noun``, ``word | label | subcategory``, ``word | label |``).
        model: who is asked; of the log only this model's answers to questions of today's wording are used. None
            replays: every entry of the log counts, the last one where several answer one question. Who mends a log by
            hand replays it: with a model, a bank in the cache stands for the log that made it.
    """

    log: str | Path | Sequence[str | Path]
    model: LanguageModel | None = None

    def __post_init__(self) -> None:
        if not self._paths or (self.model is not None and len(self._paths) > 1):
            raise ConfigError(
                f"LLMJudge got {len(self._paths)} logs: name one to ask a model, one or more to replay without `model`"
            )
        if not (self.model is None or hasattr(self.model, "replies")):
            raise ConfigError(
                f"LLMJudge: model is {self.model!r}: write model=dict(type='LocalLanguageModel', path=...) or "
                "dict(type='ChatEndpoint', model=...), or None to replay the log"
            )

    def check(self) -> None:
        """Refuse a log that cannot be read or written, and a model that cannot be asked.

        A model of which the log holds answers already may have answered all: it is not looked at.

        Raises:
            LanguageModelError: a package or a key is missing.
            DataError: the log is damaged, cannot be read or written, or another process writes it.
        """
        from_first_rank(lambda beat: self._check())

    def _check(self) -> None:
        if self.model is None:
            for path in self._paths:
                read_log(path)
            return
        known = Known(self.model.name)
        with LogWriter(self._paths[0]) as writer:
            known.learn(writer.log)
        if not known:
            self.model.check()

    def proper_nouns(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it is a proper noun.

        Raises:
            LanguageModelError: the model fails, or more than a tenth of its answers are unclear, or there is no model
                and the log does not answer all.
            DataError: the log is damaged, cannot be read or written, or another process writes it.
        """
        return self._verdicts([Question(word.strip()) for word in words])

    def subcategories(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (word, ID label) whether the word is a kind of what the label names; raises as `proper_nouns`."""
        return self._verdicts([Question(word.strip(), label.strip()) for word, label in pairs])

    def close(self) -> None:
        """Give back the model's memory, which the images will want."""
        if self.model is not None:
            self.model.close()

    def facts(self) -> dict[str, Any]:
        """Model and wording; without a model the digests of the logs.

        Raises:
            DataError: without a model: a log cannot be read.
        """
        who = {"judge": type(self).__name__, "version": VERSION}
        if self.model is None:
            return who | {"logs": [_digest(path) for path in self._paths]}
        wording = [SYSTEM, Question("WORD").text, Question("WORD", "LABEL").text]
        return who | {"model": self.model.name, "wording": wording}

    @property
    def _paths(self) -> list[Path]:
        logs = [self.log] if isinstance(self.log, str | Path) else self.log
        return [Path(log).expanduser() for log in logs]

    def _verdicts(self, questions: list[Question]) -> list[bool]:
        return from_first_rank(lambda beat: self._decide(questions, beat)) if questions else []

    def _decide(self, questions: list[Question], beat: Callable[[], None]) -> list[bool]:
        """Whether each answer is yes, from the log where it has them; the rest is asked."""
        known = Known(self.model.name if self.model else None)
        for path in self._paths:
            if self.model is None or path.exists():
                known.learn(read_log(path))
        if self.model is None:
            check_replayed(known.lacking(questions), " with ".join(map(str, self._paths)))
        elif known.lacking(questions):
            self._ask(questions, known, beat)
        known.check_clear()
        return [known.removes(question) for question in questions]

    def _ask(self, questions: list[Question], known: Known, beat: Callable[[], None]) -> None:
        """Put what is lacking to the model; each answer is in the log before the next is waited for."""
        with LogWriter(self._paths[0]) as writer:
            known.learn(writer.log)  # another process may have ended since the log was read
            lacking = known.lacking(questions)
            replies = self.model.replies(SYSTEM, [question.text for question in lacking])
            with _closing(replies), tqdm(replies, **_bar(len(lacking))) as bar:
                for index, reply in bar:
                    decision = self._decision(lacking[index], reply)
                    writer.append(decision)
                    known.add(decision)
                    known.check_clear(least=_SOON)
                    beat()
        if unanswered := known.lacking(lacking):
            raise LanguageModelError(
                f"{self.model.name} left {len(unanswered)} of {len(lacking)} questions without a reply, such as "
                f"{unanswered[0].text!r}: run again to ask these alone"
            )

    def _decision(self, question: Question, reply: str) -> Decision:
        said = {"verdict": verdict_of(reply), "answer": reply[:_KEPT]}
        return Decision(question, **said, model=self.model.name, system=SYSTEM, text=question.text)


def _bar(questions: int) -> dict[str, Any]:
    return {"total": questions, "desc": "Asking", "unit": "question", "disable": questions < _WORTH_A_BAR}


@contextmanager
def _closing(replies: Iterator[tuple[int, str]]) -> Iterator[None]:
    """Stop a generator at once where its consumer fails, so that no more requests go out; lists and the like pass."""
    try:
        yield
    finally:
        getattr(replies, "close", lambda: None)()


def _digest(path: Path) -> str:
    """SHA-256 of a file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(
            f"decision log {path} cannot be read ({error.strerror}): check the path, or set `model`"
        ) from error
