"""What a judge knows so far: the decisions that count for it, and whether they are clear enough to be trusted."""

from collections.abc import Iterable, Sequence

from mmneglabel.errors import LanguageModelError
from mmneglabel.judges.decision_log import Decision, Log
from mmneglabel.judges.questions import SYSTEM, Question

_TOLERATED = 0.1
"""The share of replies that may be neither yes nor no."""


class Known:
    """Decisions by question.

    Args:
        model: the name of the model whose decisions count, to questions of today's wording only; None: all count.
    """

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._decisions: dict[Question, Decision] = {}
        self._unclear: dict[Question, Decision] = {}
        self._settled: set[str] = set()

    def __len__(self) -> int:
        return len(self._decisions)

    def learn(self, log: Log) -> None:
        """Take over what counts of a log; a later decision replaces an earlier one."""
        for decision in log.decisions:
            if self._counts(decision):
                self.add(decision)
        if self._model is None:
            self._settled |= log.settled

    def _counts(self, decision: Decision) -> bool:
        asked = (decision.model, decision.system, decision.text)
        return self._model is None or asked == (self._model, SYSTEM, decision.question.text)

    def add(self, decision: Decision) -> None:
        """Take over one decision."""
        question = decision.question
        self._decisions[question] = decision
        self._unclear.pop(question, None)
        if decision.verdict == "unclear":
            self._unclear[question] = decision

    def lacking(self, questions: Iterable[Question]) -> list[Question]:
        """Those without a decision, each once; about a settled word nothing more is asked."""
        unique = dict.fromkeys(questions)
        return [q for q in unique if q not in self._decisions and not (q.word in self._settled and q.label is not None)]

    def removes(self, question: Question) -> bool:
        """Whether the answer is yes; an unclear one is not, nor is that of a question which a settled word lacks."""
        return question in self._decisions and self._decisions[question].verdict == "yes"

    def check_clear(self, least: int = 0) -> None:
        """Refuse a model that does not keep to yes and no, once there are ``least`` answers.

        One unclear reply alone proves nothing, however few answers there are.

        Raises:
            LanguageModelError: more than a tenth of the answers are unclear.
        """
        answers, unclear = len(self._decisions), len(self._unclear)
        if answers < least or unclear <= max(1, _TOLERATED * answers):
            return
        example = next(reversed(self._unclear.values()))
        model = self._model or example.model or "the logged model"
        raise LanguageModelError(
            f"{model} answered {unclear} of {answers} questions ({unclear / answers:.0%}) with neither yes nor no, "
            f"such as {example.text or example.question.word!r} with {example.answer[:60]!r}: choose an instruction-"
            "tuned model that answers at once, without thinking, and start a new log if it has the same name"
        )


def check_replayed(lacking: Sequence[Question], logs: str) -> None:
    """Refuse to replay logs that do not answer all.

    Raises:
        LanguageModelError: at least one question has no answer.
    """
    if lacking:
        raise LanguageModelError(
            f"{logs} has no answer to {len(lacking)} of the questions asked, such as {lacking[0].text!r}: "
            "configure `model` to ask them, or give the log of a finished run on the same words and labels"
        )
