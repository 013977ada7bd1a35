"""What all shards together say: how many pictures were decided how, and which to flag."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmneglabel.calibration import flagged_up_to
from mmneglabel.errors import ConfigError
from mmneglabel.sharding.leases import SILENT, forget, given_up
from mmneglabel.sharding.parts import part_path, read_part, tidy
from mmneglabel.sharding.plan import Plan
from mmneglabel.storage.parquet import pyarrow_parquet
from mmneglabel.storage.text_files import write_atomically, written_whole

SUMMARY, FLAGGED = "summary.json", "flagged.parquet"


def summarise(plan: Plan, rate: float | None = None) -> dict[str, Any]:
    """Count what is there; the same stands in ``summary.json``.

    Args:
        plan: of the shards.
        rate: of false discoveries, at which pictures are flagged once no shard is open; see :func:`flag`.

    Returns:
        ``shards``; how many are ``finished`` and which were ``given_up``; ``counts`` of ``images``, of those that could
        not be read (``error``) and of each decision; ``set_aside``, [shard, row] of the pictures that processes died
        of; with a rate what :func:`flag` returns as ``flagged``.
    """
    counts: Counter[str] = Counter()
    finished, aside = 0, []
    for shard in range(len(plan)):
        if part := read_part(plan.folder, shard, plan.digest):
            finished += 1
            forget(plan.folder, shard)
            counts.update(part["counts"])
            aside += [[shard, row] for row in part["set_aside"]]
    found = {"shards": len(plan), "finished": finished, "given_up": given_up(plan.folder)}
    found |= {"counts": dict(sorted(counts.items())), "set_aside": aside}
    tidy(plan.folder, SILENT)
    if rate is not None and finished + len(found["given_up"]) == len(plan):
        found["flagged"] = flag(plan, rate)
    write_atomically(plan.folder / SUMMARY, json.dumps(found, indent=1) + "\n")
    return found


def flag(plan: Plan, rate: float) -> dict[str, Any]:
    """Write the rows to flag as ``flagged.parquet``: of them at most ``rate`` are good, in expectation.

    Benjamini and Hochberg's procedure over all parts, which are never held in memory together: how often there is each
    p-value decides, and there are few different ones. See :func:`mmneglabel.calibration.flagged`.

    Returns:
        ``rate``; ``p_value``, up to which is flagged; ``images``, how many.

    Raises:
        ConfigError: there are no p-values.
    """
    values, counts = np.empty(0), np.empty(0, np.int64)
    for part in _parts(plan, ["p_value"]):
        found = part.column("p_value").drop_null().to_numpy()
        values, place = np.unique(np.concatenate([values, found]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([counts, np.ones(len(found))])).astype(np.int64)
    if not len(values):
        raise ConfigError("--fdr flags by p-values, and these predictions have none: give predict a --threshold")
    import pyarrow

    most, images = flagged_up_to(values, counts, rate), 0
    parquet = pyarrow_parquet("Predicting in shards")
    schema = next(_parts(plan)).schema.remove_metadata()
    with (
        written_whole(plan.folder / FLAGGED) as path,
        parquet.ParquetWriter(path, schema, compression="zstd") as writer,
    ):
        for part in _parts(plan):
            flagged = part.filter(pyarrow.array(part.column("p_value").to_numpy() <= most))
            images += len(flagged)
            if len(flagged):
                writer.write_table(flagged.replace_schema_metadata())
    return {"rate": rate, "p_value": most, "images": images}


def _parts(plan: Plan, columns: list[str] | None = None) -> Iterator[Any]:
    """The tables of the parts that are there."""
    parquet = pyarrow_parquet("Predicting in shards")
    for shard in range(len(plan)):
        if (path := part_path(plan.folder, shard)).exists():
            with parquet.ParquetFile(path) as file:
                yield file.read(columns, use_threads=False)
