"""What describe_classes.py does: ask what classes look like, and take of the replies what can be used."""

import re
from argparse import Namespace
from collections.abc import Iterator, Sequence

from tqdm import tqdm

from mmneglabel.corpus import read_class_names, read_descriptions
from mmneglabel.corpus.descriptions import write_descriptions
from mmneglabel.corpus.words import spaced
from mmneglabel.errors import DataError, LanguageModelError
from mmneglabel.language_models import ChatEndpoint, LanguageModel, LocalLanguageModel
from mmneglabel.storage.text_files import read_lines

MAX_TOKENS = 200
"""What a reply may have: more than a good one needs, so that a longer one is known to be too long."""

MOST_WORDS = 50
"""What a description may have: CLIP reads 77 tokens, and a word is 1.3 of them."""

_FEWEST_WORDS = 5
_ATTEMPTS = 2

SYSTEM = (
    "You describe what things look like, for a vision model that has never seen them. Reply with exactly one English "
    "sentence of 20 to 40 words and nothing else."
)
"""What every question is asked under."""

_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
# "Sure! Here is a description:", alone on its line or not.
_PREAMBLE = re.compile(
    r"\A((sure|certainly|of course)[!,.]\s*)?(here('s| is)[^:\n]*:|[^.:\n]*:(?=\s*\n))?\s*", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"(i'?m sorry|i am sorry|sorry|i cannot|i can'?t|i'?m unable|i am unable|unfortunately|as an ai)\b", re.IGNORECASE
)
_WRAPPING = " \t*\"'`_-•"  # what models put around a line
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)")


class UnusableReplyError(ValueError):
    """A reply is no description; the message says why, as in "it is empty"."""


def run(args: Namespace) -> None:
    """Ask about what the file lacks, and write each answer.

    Raises:
        DataError: there is no folder to write into.
        LanguageModelError: classes are left without a description; they are named.
    """
    if not args.out.absolute().parent.is_dir():
        raise DataError(f"no folder {str(args.out.absolute().parent)!r} to write {args.out.name} into: make it first")
    model = language_model(args)
    names = list(dict.fromkeys(map(spaced, read_class_names(args.class_list))))
    known = read_descriptions(args.out) if args.out.exists() else {}
    comments = [line for line in read_lines(args.out) if line.startswith("#")] if args.out.exists() else []
    comments += [line] if (line := f"# Described by {model.name}.") not in comments else []
    lacking = [name for name in names if name not in known]
    print(f"{len(lacking)} of {len(names)} classes to describe, {len(names) - len(lacking)} are in {args.out}")
    if not lacking:
        return
    model.check()
    faults: dict[str, UnusableReplyError] = {}
    for name, answer in tqdm(
        describe_classes(model, lacking), total=len(lacking), desc="Asking", unit="class", disable=None
    ):
        if isinstance(answer, UnusableReplyError):
            faults[name] = answer
            continue
        known[name] = answer
        ordered = {name: known[name] for name in names if name in known} | known
        write_descriptions(args.out, ordered.items(), comments)
    if faults:
        named = "; ".join(f"{name} ({fault})" for name, fault in faults.items())
        raise LanguageModelError(f"{len(faults)} classes are left: describe them by hand in {args.out}: {named}")


def language_model(args: Namespace) -> LanguageModel:
    """Who is asked."""
    if args.endpoint is None:
        return LocalLanguageModel(args.model, batch_size=args.batch_size, max_tokens=MAX_TOKENS)
    key = None if args.api_key_env.lower() == "none" else args.api_key_env
    return ChatEndpoint(args.model, args.endpoint, key, concurrency=args.concurrency, max_tokens=MAX_TOKENS)


def question(name: str, fault: str = "") -> str:
    """What a model is asked about a class; ``fault`` is what was wrong with its first reply."""
    again = f" Your last reply could not be used: {fault}." if fault else ""
    return (
        f'What does a photo of "{name}" show? Name the shape, the parts, the colours, the texture and the usual '
        f'surroundings, and begin with the words "{name}" or with an article and these words.{again}'
    )


def cleaned(reply: str) -> str:
    """The description in a reply: one line, of the sentences that fit into ``MOST_WORDS``.

    Raises:
        UnusableReplyError: nothing is left, it is a refusal or a list, or the first sentence is too short or too long.
    """
    text = _PREAMBLE.sub("", _THOUGHT.sub("", reply).strip().replace("’", "'"))
    lines = [" ".join(line.strip(_WRAPPING).split()) for line in text.splitlines() if line.strip(_WRAPPING)]
    if len(lines) > 1 and not lines[0].endswith((".", "!")):
        raise UnusableReplyError(f"it has {len(lines)} lines, of which the first is no sentence")
    text = _shortened(lines[0]) if lines else ""
    if not text:
        raise UnusableReplyError("it is empty")
    if _REFUSAL.match(text):
        raise UnusableReplyError("it is a refusal")
    if not _FEWEST_WORDS <= (words := len(text.split())) <= MOST_WORDS:
        raise UnusableReplyError(f"it has {words} words and should have {_FEWEST_WORDS} to {MOST_WORDS}")
    return text


def _shortened(line: str) -> str:
    """The whole sentences that fit; at least the first, however long."""
    kept, words = "", 0
    for sentence in _SENTENCE.findall(line) or [line]:
        words += len(sentence.split())
        if kept and words > MOST_WORDS:
            break
        kept += sentence
    return kept.strip()


def describe_classes(model: LanguageModel, names: Sequence[str]) -> Iterator[tuple[str, str | UnusableReplyError]]:
    """(class name, its description or what was wrong with the last reply), each as it is known and in any order.

    A class whose reply cannot be used is asked about once more, and told why.
    """
    faults = dict.fromkeys(names, "")
    for attempt in range(_ATTEMPTS):
        asked, faults = faults, {}
        open_ = list(asked)
        for index, reply in model.replies(SYSTEM, [question(name, asked[name]) for name in open_]):
            name = open_[index]
            try:
                yield name, cleaned(reply)
            except UnusableReplyError as error:
                faults[name] = str(error)
                if attempt == _ATTEMPTS - 1:
                    yield name, error
