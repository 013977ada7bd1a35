"""What a judge knows from its log: which questions are answered, how, and clearly enough to be trusted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmneglabel.errors import LanguageModelError
from mmneglabel.judges.judge import SYSTEM, Question
from mmneglabel.judges.log_file import Decision, Decisions, append, locked, mended, read_decisions

_TOLERATED = 0.1  # the share of replies that may be neither yes nor no


class DecisionLog:
    """The decisions that count for one judge: read from files, added to, asked for.

    Args:
        paths: the files; where several answer one question, the last counts. Only a single one is added to.
        model: the name of the model whose decisions count, to questions of today's wording only; None: all count.
    """

    def __init__(self, paths: Sequence[Path], model: str | None) -> None:
        self._paths, self._model = paths, model
        self._decisions: dict[Question, Decision] = {}
        self._unclear: dict[Question, Decision] = {}
        self._settled: set[str] = set()

    def __len__(self) -> int:
        return len(self._decisions)

    def read(self) -> None:
        """Take over what counts of the files; where a model can be asked, there need not be one yet."""
        for path in self._paths:
            if self._model is None or path.exists():
                self._learn(read_decisions(path))

    @contextmanager
    def writing(self) -> Iterator[Callable[[Decision], None]]:
        """Hold the file for this process alone and read it anew; yields what adds a decision, there and here.

        The file and its folder are made if need be. An added line survives a kill of this process, and a killed
        process leaves no lock behind.
        """
        path = self._paths[0]
        with locked(path) as file:
            self._learn(mended(file, path))

            def add(decision: Decision) -> None:
                append(file, path, decision.line())
                self._take(decision)

            yield add

    def lacking(self, questions: Iterable[Question]) -> list[Question]:
        """Those without a decision, each once; about a settled word nothing more is asked."""
        # NegRefine asks about labels only once a word is no proper noun, and no more after the first yes: a log of
        # theirs lacks these questions, and no answer to them could bring the word back.
        unique = dict.fromkeys(questions)
        return [q for q in unique if q not in self._decisions and not (q.word in self._settled and q.label is not None)]

    def says_yes(self, question: Question) -> bool:
        """Whether the answer is yes; an unclear one is not, nor is that of a question which a settled word lacks."""
        return question in self._decisions and self._decisions[question].verdict == "yes"

    def check_complete(self, questions: Iterable[Question]) -> None:
        """Refuse to replay logs that do not answer all.

        Raises:
            LanguageModelError: at least one question has no answer.
        """
        if lacking := self.lacking(questions):
            logs = " with ".join(map(str, self._paths))
            raise LanguageModelError(
                f"{logs} has no answer to {len(lacking)} of the questions asked, such as {lacking[0].text!r}: "
                "configure `model` to ask them, or give the log of a finished run on the same words and labels"
            )

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

    def _learn(self, found: Decisions) -> None:
        for decision in found.decisions:
            asked = (decision.model, decision.system, decision.text)
            if self._model is None or asked == (self._model, SYSTEM, decision.question.text):
                self._take(decision)
        if self._model is None:
            self._settled |= found.settled

    def _take(self, decision: Decision) -> None:
        self._decisions[decision.question] = decision
        self._unclear.pop(decision.question, None)
        if decision.verdict == "unclear":
            self._unclear[decision.question] = decision
