"""Prompt templates: words to prompts, prompts back to words, and a ready list of negative labels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.storage.text_files import read_words


@dataclass(frozen=True)
class Prompts:
    """The text templates, `{}` standing for the word; the defaults are NegLabel's (as in its code: no full stop).

    Each is one template or several, whose text embeddings are averaged; they are kept as tuples.

    Args:
        label: of the ID class names.
        noun: of negative nouns.
        adjective: of negative adjectives.
    """

    label: str | Sequence[str] = "the nice {}"
    noun: str | Sequence[str] = "the nice {}"
    adjective: str | Sequence[str] = "This is a {} photo"

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            templates = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else (given,)
            for template in templates or ("",):
                check_template(field.name, template)
            object.__setattr__(self, field.name, templates)

    def changed(self, templates: Mapping[str, Any]) -> "Prompts":
        """These prompts with other ``templates`` by the names of the fields.

        Raises:
            ConfigError: it is no mapping, or names no field.
        """
        if not isinstance(templates, Mapping):
            raise ConfigError(f"prompts must be a dict such as dict(label='a photo of a {{}}'), got {templates!r}")
        known = [field.name for field in fields(self)]
        for name in templates:
            if name not in known:
                raise ConfigError(f"prompts has no entry {name!r}: {did_you_mean(str(name), known)}")
        return replace(self, **templates)

    def of(self, part_of_speech: str) -> tuple[str, ...]:
        """The templates of negative nouns ("noun") or adjectives ("adj")."""
        return self.adjective if part_of_speech == "adj" else self.noun

    def written(self, words: Iterable[tuple[str, str]]) -> list[str]:
        """One prompt a (word, 'noun' or 'adj') pair, made so that :meth:`parse` reads the pair back.

        Of several templates the longest, since the short ones of nouns and adjectives are often the same.
        """
        longest = {pos: max(self.of(pos), key=len) for pos in ("noun", "adj")}
        return [fill(longest[pos], word) for word, pos in words]

    def parse(self, line: str) -> tuple[str, str]:
        """The word of a negative's prompt and its part of speech, 'noun' or 'adj'; a bare word is a noun.

        Of the templates that fit, the one with most fixed text wins, since `a {}` also fits what `a {} photo`
        made; the noun's wins a tie.
        """
        line = line.strip()
        templates = [(template, pos) for pos in ("noun", "adj") for template in self.of(pos)]
        for template, pos in sorted(templates, key=lambda pair: -len(pair[0])):
            word = _unfill(template, line)
            if word:
                return word, pos
        return line, "noun"


def fill(template: str, word: str) -> str:
    """The prompt of one word."""
    return template.replace("{}", word)


def read_negatives(path: str | Path, prompts: Prompts | None = None) -> list[tuple[str, str]]:
    """A ready list of negative labels, to be used instead of mining: one a line, in the file's order.

    A line is a bare word (a noun) or a whole prompt, written with `prompts` or with NegLabel's own templates,
    as in the list that the authors published. Of equal entries the first stays.

    Returns:
        (word, 'noun' or 'adj') pairs.

    Raises:
        DataError: the file is without words.
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


def check_template(name: str, template: object) -> None:
    """Refuse a template that has not exactly one gap for the word.

    Raises:
        ConfigError: it has none, several, or another pair of braces.
    """
    braces = "".join(c for c in template if c in "{}") if isinstance(template, str) else None
    if braces != "{}" or "{}" not in template:
        raise ConfigError(f"prompt template {name}={template!r} needs exactly one {{}} for the word")


def _unfill(template: str, line: str) -> str:
    """The word that fills `template` to `line`, empty if none does."""
    before, _, after = template.partition("{}")
    fits = line.startswith(before) and line.endswith(after) and len(line) > len(before) + len(after)
    return line[len(before) : len(line) - len(after)].strip() if fits else ""
