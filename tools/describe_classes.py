#!/usr/bin/env python
"""Let a language model describe each class in a sentence, into a file that TextAnchorHook reads (DescriptionFile).

python tools/describe_classes.py classes.txt classes.tsv --model Qwen/Qwen2.5-7B-Instruct
python tools/describe_classes.py classes.txt classes.tsv --endpoint http://localhost:8000/v1 --model qwen

Each answer is written at once, and classes that the file describes are not asked about again: an interrupted run goes
on where it stopped, and a line that is mended by hand stays. Read the file before you train with it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from mmneglabel.corpus.class_names import read_class_names
from mmneglabel.corpus.description_file import read_comments, read_descriptions, spaced, write_descriptions
from mmneglabel.engine.launch import one_line_errors
from mmneglabel.errors import DataError, LanguageModelError
from mmneglabel.language_models import ChatEndpoint, LanguageModel, LocalLanguageModel
from mmneglabel.language_models.describe import MAX_TOKENS, UnusableReplyError, describe_classes


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("class_list", help="text file, one class a line, a WordNet id before the name or none")
    parser.add_argument("out", type=Path, help="file of `class name<TAB>description` lines to write or to complete")
    parser.add_argument("--model", required=True, help="a folder, a name on the Hugging Face hub, or the endpoint's")
    parser.add_argument("--batch-size", type=int, default=16, help="questions at a time of a local model (default: 16)")
    parser.add_argument("--endpoint", metavar="URL", help="ask a server that speaks OpenAI's chat schema instead")
    parser.add_argument(
        "--api-key-env",
        default="OPENAI_API_KEY",
        metavar="NAME",
        help="variable of its key, or none (default: %(default)s)",
    )
    parser.add_argument("--concurrency", type=int, default=16, help="requests at a time (default: 16)")
    return parser.parse_args(argv)


def language_model(args: argparse.Namespace) -> LanguageModel:
    """Who is asked.

    Raises:
        ConfigError: a setting is out of range.
    """
    if args.endpoint is None:
        return LocalLanguageModel(args.model, batch_size=args.batch_size, max_tokens=MAX_TOKENS)
    key = None if args.api_key_env.lower() == "none" else args.api_key_env
    return ChatEndpoint(args.model, args.endpoint, key, concurrency=args.concurrency, max_tokens=MAX_TOKENS)


def run(args: argparse.Namespace) -> None:
    """Ask about what the file lacks, and write each answer.

    Raises:
        NegLabelError: anything a user can get wrong; classes that are left without a description are named.
    """
    if not args.out.absolute().parent.is_dir():
        raise DataError(f"no folder {str(args.out.absolute().parent)!r} to write {args.out.name} into: make it first")
    model = language_model(args)
    names = list(dict.fromkeys(map(spaced, read_class_names(args.class_list))))
    known = read_descriptions(args.out) if args.out.exists() else {}
    comments = read_comments(args.out) if args.out.exists() else []
    comments += [line] if (line := f"# Described by {model.name}.") not in comments else []
    lacking = [name for name in names if name not in known]
    print(f"{len(lacking)} of {len(names)} classes to describe, {len(names) - len(lacking)} are in {args.out}")
    if not lacking:
        return
    model.check()
    faults: dict[str, UnusableReplyError] = {}
    for name, answer in tqdm(describe_classes(model, lacking), total=len(lacking), desc="Asking", unit="class"):
        if isinstance(answer, UnusableReplyError):
            faults[name] = answer
            continue
        known[name] = answer
        ordered = {name: known[name] for name in names if name in known}
        write_descriptions(args.out, ordered | known, comments)
    if faults:
        named = "; ".join(f"{name} ({fault})" for name, fault in faults.items())
        raise LanguageModelError(f"{len(faults)} classes are left: describe them by hand in {args.out}: {named}")


if __name__ == "__main__":
    arguments = parse_args()
    sys.exit(one_line_errors(lambda: run(arguments)))
