"""Prompt templates: words to prompts, prompts back to words, and a ready list of negative labels."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from mmneglabel.corpus.text_files import read_words
from mmneglabel.errors import ConfigError, DataError


@dataclass(frozen=True)
class Prompts:
    """The text templates of NegLabel (as in the authors' code: no full stop), `{}` standing for the word.

    Args:
        label: template of the ID class names.
        noun: template of negative nouns.
        adjective: template of negative adjectives.

    Raises:
        ConfigError: a template has not exactly one `{}`.
    """

    label: str = "the nice {}"
    noun: str = "the nice {}"
    adjective: str = "This is a {} photo"

    def __post_init__(self) -> None:
        for field in fields(self):
            template = getattr(self, field.name)
            braces = "".join(c for c in template if c in "{}") if isinstance(template, str) else None
            if braces != "{}" or "{}" not in template:
                raise ConfigError(f"prompt template {field.name}={template!r} needs exactly one {{}} for the word")

    def fill_labels(self, names: Iterable[str]) -> list[str]:
        """One prompt an ID class name."""
        return [_fill(self.label, name) for name in names]

    def fill_nouns(self, words: Iterable[str]) -> list[str]:
        """One prompt a noun."""
        return [_fill(self.noun, word) for word in words]

    def fill_adjectives(self, words: Iterable[str]) -> list[str]:
        """One prompt an adjective."""
        return [_fill(self.adjective, word) for word in words]

    def fill_negatives(self, words: Iterable[tuple[str, str]]) -> list[str]:
        """One prompt a (word, 'noun' or 'adj') pair, in the given order."""
        return [_fill(self.adjective if pos == "adj" else self.noun, word) for word, pos in words]

    def parse(self, line: str) -> tuple[str, str]:
        """The word of a negative's prompt and its part of speech, 'noun' or 'adj'; a bare word is a noun.

        Of two templates that fit, the one with more fixed text wins, since `a {}` also fits what `a {} photo`
        made; the noun's wins a tie.
        """
        line = line.strip()
        templates = sorted([(self.noun, "noun"), (self.adjective, "adj")], key=lambda pair: -len(pair[0]))
        for template, pos in templates:
            word = _unfill(template, line)
            if word:
                return word, pos
        return line, "noun"


def read_negatives(path: str | Path, prompts: Prompts | None = None) -> list[tuple[str, str]]:
    """A ready list of negative labels, to be used instead of mining: one a line, in the file's order.

    A line is a bare word (a noun) or a whole prompt, written with `prompts` or with NegLabel's own templates,
    as in the list that the authors published. Of equal entries the first stays.

    Args:
        path: text file, UTF-8.
        prompts: the templates in use; None for NegLabel's.

    Returns:
        (word, 'noun' or 'adj') pairs.

    Raises:
        DataError: the file is missing, not UTF-8 or without words.
    """
    # Without the published templates a list of "the nice ..." lines would be taken for bare words under any others.
    published = Prompts()
    prompts = prompts or published
    found: dict[tuple[str, str], None] = {}
    for line in read_words(path, "list of negatives"):
        entry = prompts.parse(line)
        found.setdefault(published.parse(line) if entry == (line, "noun") else entry)
    if not found:
        raise DataError(f"list of negatives {path} is empty: it needs one word or prompt a line")
    return list(found)


def _fill(template: str, word: str) -> str:
    return template.replace("{}", word)


def _unfill(template: str, line: str) -> str:
    """The word that fills `template` to `line`, empty if none does."""
    before, _, after = template.partition("{}")
    fits = line.startswith(before) and line.endswith(after) and len(line) > len(before) + len(after)
    return line[len(before) : len(line) - len(after)].strip() if fits else ""
