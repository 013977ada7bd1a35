"""What ``tools/predict.py`` does: a line a picture, and the same as a table or as pictures with captions."""

import csv
import json
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.drawing import captioned
from mmneglabel.apis.inputs import Picture, listed
from mmneglabel.errors import ConfigError, DataError, one_line
from mmneglabel.runtime import FIELDS
from mmneglabel.storage.parquet import pyarrow_parquet
from mmneglabel.storage.text_files import written_whole

_WORDS = 2
"""Of those that spoke against a picture, on its line."""

Row = dict[str, Any]


def run_predict(args: Namespace) -> None:
    """Predict as ``args`` say; see ``tools/predict.py --help``.

    Raises:
        DataError: pictures cannot be read, after all others; or there are none, or no folder to show them in.
    """
    writing = _writer(args.out)
    inputs = [picture for given in args.inputs for picture in listed(given)]
    if args.show_dir:
        _made(Path(args.show_dir))  # before the run, whose results would be lost
    detector = detector_of(args)
    counts: Counter[str] = Counter()
    with writing(args.out) as write:
        for number, result in enumerate(_results(detector, inputs, args)):
            print(said(result))
            write(result)
            counts["error" if result["error"] else result["decision"] or ""] += 1
            if args.show_dir:
                _show(inputs[number], result, _place(args.show_dir, number, result))
    if set(counts) - {"", "error"}:
        print(", ".join(f"{count} {decision}" for decision, count in counts.items()))
    if counts["error"]:
        raise DataError(f"{counts['error']} of {counts.total()} pictures cannot be read")


def detector_of(args: Namespace) -> NegLabelInferencer:
    """The detector that the command line names."""
    return NegLabelInferencer(
        args.model, threshold=args.threshold, checkpoint=args.checkpoint, device=args.device, score=args.score,
        classifier=_classifier(args.classifier),
    )  # fmt: skip


def _results(detector: NegLabelInferencer, inputs: list[Picture], args: Namespace) -> Iterator[Row]:
    """The results; a network that fails, as for want of memory, is told apart from a table that cannot be written."""
    try:
        yield from detector.stream(inputs, args.batch_size, args.workers)
    except RuntimeError as error:
        raise ConfigError(f"The network failed ({one_line(error)}): try a smaller --batch-size, or --device") from error


def said(result: Row) -> str:
    """A result on one line."""
    if result["error"]:
        return f"{result['error']}"
    value = result["ood_score"] if result["log_odds"] is None else result["log_odds"]
    words = ", ".join(f"{word} {share:.1%}" for word, share in (result["against"] or ())[:_WORDS])
    parts = [
        str(result["image"]),
        f"{result['pred_class']} {result['pred_score']:.2f}",
        *([f"{result['decision']} p={result['p_value']:.3g}"] if result["decision"] else []),
        f"score {value:.3f}",
        *([f"against: {words}"] if words else []),
        *([result["note"]] if result["note"] else []),
    ]
    return "  ".join(parts)


def _classifier(given: list[str] | None) -> Any:
    return tuple(given) if given and len(given) > 1 else given and given[0]


def _writer(out: str | None) -> Callable[[str], Any]:
    """What writes rows into a file of that ending."""
    if out is None:
        return _nowhere
    kinds = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
    if (ending := Path(out).suffix.lower()) not in kinds:
        raise ConfigError(f"--out {out!r}: its ending is none of {', '.join(kinds)}")
    return kinds[ending]


@contextmanager
def _nowhere(_: str | None) -> Iterator[Callable[[Row], None]]:
    yield lambda result: None


@contextmanager
def _csv(out: str) -> Iterator[Callable[[Row], None]]:
    with written_whole(Path(out)) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        yield lambda result: writer.writerow(result | {key: _joined(result[key]) for key in ("for", "against")})


@contextmanager
def _jsonl(out: str) -> Iterator[Callable[[Row], None]]:
    with written_whole(Path(out)) as part, part.open("w", encoding="utf-8") as file:
        yield lambda result: file.write(json.dumps(result, ensure_ascii=False) + "\n")


@contextmanager
def _parquet(out: str) -> Iterator[Callable[[Row], None]]:
    parquet = pyarrow_parquet("--out FILE.parquet")
    import pyarrow

    pairs = pyarrow.list_(pyarrow.struct([("word", pyarrow.string()), ("share", pyarrow.float64())]))
    kinds = {"for": pairs, "against": pairs} | dict.fromkeys(("pred_label", "width", "height"), pyarrow.int32())
    kinds |= dict.fromkeys(("pred_score", "ood_score", "log_odds", "p_value"), pyarrow.float64())
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in FIELDS])
    rows: list[Row] = []
    with written_whole(Path(out)) as part:
        yield rows.append
        for row in rows:
            for key in ("for", "against"):
                row[key] = row[key] and [{"word": word, "share": share} for word, share in row[key]]
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema), part)


def _joined(pairs: list[tuple[str, float]] | None) -> str | None:
    return pairs and "; ".join(f"{word} {share:.6g}" for word, share in pairs)


def _place(folder: str, number: int, result: Row) -> Path:
    """Where a captioned picture goes: by decision, numbered, since files of several folders may have one name."""
    return Path(folder, result["decision"] or "", f"{number:06}_{Path(str(result['image'])).stem[:80]}.png")


def _show(picture: Picture, result: Row, path: Path) -> None:
    shown = captioned(picture, result)
    _made(path.parent)
    try:
        shown.save(path)
    except OSError as error:  # the table, which is open, would take it for its own
        raise DataError(f"--show-dir: {path} cannot be written ({error}): choose another folder") from error


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"--show-dir: {folder} cannot be a folder ({error.strerror}): choose another") from error
