"""What judge_agreement.py does: count where WordNet's verdicts are a language model's."""

from argparse import Namespace
from collections.abc import Sequence
from typing import NamedTuple

from mmneglabel.judges import WordNetJudge
from mmneglabel.judges.log_file import Decision, read_decisions


class Agreement(NamedTuple):
    """Counts of yeses: `both` judges', the model's, WordNet's; `asked` is the number of questions."""

    asked: int
    model: int
    wordnet: int
    both: int

    @property
    def precision(self) -> float:
        """Share of WordNet's yeses that are the model's too; 0 where it has none."""
        return self.both / self.wordnet if self.wordnet else 0.0

    @property
    def recall(self) -> float:
        """Share of the model's yeses that are WordNet's too; 0 where it has none."""
        return self.both / self.model if self.model else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.both / (self.model + self.wordnet) if self.model + self.wordnet else 0.0


def compare(judge: WordNetJudge, decisions: Sequence[Decision]) -> dict[str, Agreement]:
    """Agreement on either question; what the model left unclear is not counted."""
    clear = [decision for decision in decisions if decision.verdict in ("yes", "no")]
    words = [d for d in clear if d.question.label is None]
    pairs = [d for d in clear if d.question.label is not None]
    ours = judge.proper_nouns([d.question.word for d in words])
    kinds = judge.subcategories([(d.question.word, d.question.label) for d in pairs])
    return {"proper noun": _agreement(words, ours), "subcategory": _agreement(pairs, kinds)}


def _agreement(decisions: Sequence[Decision], ours: Sequence[bool]) -> Agreement:
    model = [decision.verdict == "yes" for decision in decisions]
    both = sum(theirs and mine for theirs, mine in zip(model, ours, strict=True))
    return Agreement(len(model), sum(model), sum(ours), both)


def run(args: Namespace) -> None:
    """Print the table for both settings of `senses`."""
    decisions = read_decisions(args.log).decisions
    rows = [f"{'question':<12} {'senses':<6} {'asked':>6} {'model':>6} {'wordnet':>7} {'both':>6}  prec.  recall  F1"]
    for senses in ("all", "first"):
        for question, found in compare(WordNetJudge(senses=senses), decisions).items():
            counts = f"{found.asked:>6} {found.model:>6} {found.wordnet:>7} {found.both:>6}"
            rates = f"{found.precision:.3f}  {found.recall:.3f}   {found.f1:.3f}"
            rows.append(f"{question:<12} {senses:<6} {counts}  {rates}")
    print("\n".join(rows))
