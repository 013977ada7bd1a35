"""What a language model is to the rest of the package: short questions in, the beginning of each reply out."""

from collections.abc import Iterator, Sequence
from typing import Protocol


class LanguageModel(Protocol):
    """A chat model that answers many independent questions under one system prompt."""

    name: str
    """What the decision log and fingerprints call the model."""

    def check(self) -> None:
        """Refuse at once what can be known before the first question: a missing package or key.

        Raises:
            LanguageModelError: something is missing.
        """

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index of the question, beginning of the reply), each as soon as it is known and in any order.

        Raises:
            LanguageModelError: the model cannot be loaded or reached, or gave no usable reply; one line that says
                what to change.
        """

    def close(self) -> None:
        """Give back memory; a further question would take it again."""
