"""The judge of NegRefine's filter (ICCV 2025, arXiv 2507.09795): a language model's yes and no, logged and replayed."""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mmneglabel.errors import ConfigError, LanguageModelError
from mmneglabel.judges.decision_log import DecisionLog
from mmneglabel.judges.judge import SYSTEM, Question, verdict_of
from mmneglabel.judges.log_file import Decision, read_bytes
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
        """
        from_first_rank(lambda beat: self._check())

    def _check(self) -> None:
        log = self._log()
        if self.model is None:
            return log.read()
        with log.writing():
            pass
        if not log:
            self.model.check()

    def proper_nouns(self, words: Sequence[str]) -> list[bool]:
        """For each word whether it is a proper noun."""
        return self._verdicts([Question(word.strip()) for word in words])

    def subcategories(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """For each (word, ID label) whether the word is a kind of what the label names."""
        return self._verdicts([Question(word.strip(), label.strip()) for word, label in pairs])

    def close(self) -> None:
        """Give back the model's memory, which the images will want."""
        if self.model is not None:
            self.model.close()

    def facts(self) -> dict[str, Any]:
        """Model and wording; without a model the digests of the logs."""
        who = {"judge": type(self).__name__, "version": VERSION}
        if self.model is None:
            return who | {"logs": [hashlib.sha256(read_bytes(path)).hexdigest() for path in self._paths]}
        wording = [SYSTEM, Question("WORD").text, Question("WORD", "LABEL").text]
        return who | {"model": self.model.name, "wording": wording}

    @property
    def _paths(self) -> list[Path]:
        logs = [self.log] if isinstance(self.log, str | Path) else self.log
        return [Path(log).expanduser() for log in logs]

    def _log(self) -> DecisionLog:
        return DecisionLog(self._paths, self.model.name if self.model else None)

    def _verdicts(self, questions: list[Question]) -> list[bool]:
        return from_first_rank(lambda beat: self._decide(questions, beat)) if questions else []

    def _decide(self, questions: list[Question], beat: Callable[[], None]) -> list[bool]:
        """Whether each answer is yes, from the log where it has them; the rest is asked."""
        log = self._log()
        log.read()
        if self.model is None:
            log.check_complete(questions)
        elif log.lacking(questions):
            self._ask(questions, log, beat)
        log.check_clear()
        return [log.says_yes(question) for question in questions]

    def _ask(self, questions: list[Question], log: DecisionLog, beat: Callable[[], None]) -> None:
        """Put what is lacking to the model; each answer is in the log before the next is waited for."""
        with log.writing() as add:
            lacking = log.lacking(questions)  # another process may have answered some since the log was read
            with closing(self._replies(lacking)) as replies, tqdm(replies, **_bar(len(lacking))) as bar:
                for index, reply in bar:
                    add(self._decision(lacking[index], reply))
                    log.check_clear(least=_SOON)
                    beat()
        if unanswered := log.lacking(lacking):
            raise LanguageModelError(
                f"{self.model.name} left {len(unanswered)} of {len(lacking)} questions without a reply, such as "
                f"{unanswered[0].text!r}: run again to ask these alone"
            )

    def _replies(self, questions: list[Question]) -> Generator[tuple[int, str], None, None]:
        """A generator in any case: closing it closes the model's, so that no more requests go out after a failure."""
        yield from self.model.replies(SYSTEM, [question.text for question in questions])

    def _decision(self, question: Question, reply: str) -> Decision:
        said = {"verdict": verdict_of(reply), "answer": reply[:_KEPT]}
        return Decision(question, **said, model=self.model.name, system=SYSTEM, text=question.text)


def _bar(questions: int) -> dict[str, Any]:
    return {"total": questions, "desc": "Asking", "unit": "question", "disable": questions < _WORTH_A_BAR or None}
