"""Language models behind one interface, short questions in and the beginnings of replies out.

A local one, or an endpoint that speaks OpenAI's schema.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mmneglabel.language_models.endpoint import ChatEndpoint
from mmneglabel.language_models.local import LocalLanguageModel

__all__ = ["ChatEndpoint", "LanguageModel", "LocalLanguageModel"]


class LanguageModel(Protocol):
    """A chat model that answers many independent questions under one system prompt; it fails in one line."""

    name: str
    """What the decision log and fingerprints call the model."""

    def check(self) -> None:
        """Refuse at once what can be known before the first question: a missing package or key."""

    def replies(self, system: str, questions: Sequence[str]) -> Iterator[tuple[int, str]]:
        """(index of the question, beginning of the reply), each as soon as it is known and in any order."""

    def close(self) -> None:
        """Give back memory; a further question would take it again."""
