"""The predictions of a shard as a Parquet file: all of it under its name, or none.

A shard is finished when its part is there. Who works on one that somebody else finishes meanwhile puts an equal file in
its place: so each row is in the output once, however often it was worked on.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmneglabel.errors import DataError
from mmneglabel.storage.parquet import pyarrow_parquet
from mmneglabel.storage.text_files import written_whole

PARTS = "parts"
"""The folder of the parts."""
IMAGES, ERRORS = "images", "error"
"""What is counted in each part, beside its decisions."""

_KEY = b"mmneglabel"
_WHOLE = ("shard", "pred_label", "width", "height")
_NUMBERS = ("pred_score", "ood_score", "log_odds")
_TEXTS = ("image", "pred_class", "decision", "note", "error")
_COLUMNS = (
    "shard", "row", "image", "pred_label", "pred_class", "pred_score", "ood_score", "log_odds", "p_value", "decision",
    "against", "width", "height", "note", "error",
)  # fmt: skip


def part_path(folder: Path, shard: int) -> Path:
    """Where the predictions of a shard lie; sorted by name they are in the order of the shards."""
    return folder / PARTS / f"part-{shard:07}.parquet"


def write_part(
    folder: Path, shard: int, plan: str, results: Sequence[dict[str, Any]], set_aside: Sequence[int] = ()
) -> Counter[str]:
    """Write a shard's results, which are in order, as ``NegLabelInferencer.stream`` yields them.

    Args:
        folder: of the predictions.
        shard: its number.
        plan: the digest of the plan.
        results: one a picture.
        set_aside: the rows that were not read because processes died of them.

    Returns:
        How many there are, how many could not be read, and how many were decided how.

    Raises:
        DataError: the disk is full, or the like.
    """
    parquet = pyarrow_parquet("Predicting in shards")
    import pyarrow

    counts = Counter({IMAGES: len(results)})
    counts.update(ERRORS if one["error"] else one["decision"] or "" for one in results)
    counts.pop("", None)
    facts = json.dumps({"plan": plan, "counts": counts, "set_aside": list(set_aside)})
    kinds = dict.fromkeys(_WHOLE, pyarrow.int32()) | dict.fromkeys(_NUMBERS, pyarrow.float32())
    kinds |= dict.fromkeys(_TEXTS, pyarrow.string())
    # Few different p-values take no room, and what is flagged hangs on their last bit.
    kinds |= {"row": pyarrow.int64(), "p_value": pyarrow.float64(), "against": pyarrow.list_(pyarrow.string())}
    schema = pyarrow.schema([(name, kinds[name]) for name in _COLUMNS], metadata={_KEY: facts})
    rows = [_row(shard, number, result) for number, result in enumerate(results)]
    with written_whole(part_path(folder, shard), durable=True) as part:
        parquet.write_table(pyarrow.Table.from_pylist(rows, schema), part, compression="zstd")
    return counts


def _row(shard: int, number: int, result: dict[str, Any]) -> dict[str, Any]:
    """A result as a row: of the words that spoke against it the words alone."""
    words = result["against"] and [word for word, _ in result["against"]]
    return {**result, "shard": shard, "row": number, "against": words}


def tidy(folder: Path, older: float) -> None:
    """Take away what workers left that were killed while they wrote, so many seconds ago or more."""
    for path in (folder / PARTS).glob(".*.part"):
        with suppress(FileNotFoundError):  # another worker does the same
            if time.time() - path.stat().st_mtime > older:
                path.unlink()


def read_part(folder: Path, shard: int, plan: str) -> dict[str, Any] | None:
    """What a part's footer says, its ``counts`` and ``set_aside``; None where the shard is not finished.

    Raises:
        DataError: it is of another plan.
    """
    path = part_path(folder, shard)
    parquet = pyarrow_parquet("Predicting in shards")
    try:
        facts = json.loads(parquet.read_metadata(path).metadata[_KEY])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # damaged, by a disk or by hand: made again
    if facts["plan"] != plan:
        raise DataError(f"{path} is of another plan: predict into another --out")
    return facts
