"""Which pictures are in which shard: settled once, by whoever comes first, and the same for every worker after that.

A shard is so many rows of lists and folders, or one tar. ``plan.json`` says what decides the answers and names a
Parquet file beside it, which holds the pictures' names in order, a row group a shard.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mmneglabel.apis.inputs import Picture, check_there, is_tar, names_of, picture_named, pictures_named, table_of
from mmneglabel.errors import DataError, one_line
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.parquet import pyarrow_parquet
from mmneglabel.storage.text_files import read_json, write_once, written_whole

PLAN = "plan.json"
_VERSION = 1
_AGREED = ("inputs", "shard", "batch_size", "detector")
_AT_ONCE = 2**16  # bytes of a file


@dataclass(frozen=True, eq=False)
class Plan:
    """The shards of a folder of predictions.

    Attributes:
        folder: where plan and predictions lie.
        facts: what ``plan.json`` holds: ``inputs``, ``shard``, ``batch_size`` and ``detector``, on which all workers
            agree; ``here``, the folder where relative paths begin; ``shards``, how many; ``rows``, their file.
    """

    folder: Path
    facts: Mapping[str, Any]

    def __len__(self) -> int:
        return self.facts["shards"]

    @property
    def digest(self) -> str:
        """Its name, which every part carries."""
        return self.facts["sha256"]

    def pictures(self, shard: int) -> Sequence[Picture]:
        """The pictures of a shard, in order; those of the last two that were asked for are at hand."""
        return _pictures(self, shard)

    def check(self, asked: Mapping[str, Any]) -> None:
        """Refuse to go on with something else than was planned.

        Raises:
            DataError: something differs.
        """
        for name in _AGREED:
            if (then := self.facts.get(name)) != (now := asked[name]):
                raise DataError(
                    f"{self.folder} was planned with {_difference(name, then, now)}: give the same as then, or another "
                    "--out"
                )


def open_plan(folder: Path, inputs: Sequence[str], shard: int, batch_size: int, detector: Mapping[str, Any]) -> Plan:
    """The plan of ``folder``, made if there is none yet.

    Args:
        folder: where plan and predictions lie.
        inputs: lists, folders, patterns and tars, as on a command line. Lists are compared with the plan, folders are
            not looked at again.
        shard: rows a shard.
        batch_size: pictures that the network sees at once.
        detector: what decides its answers.

    Raises:
        DataError: there are no pictures; or the plan is another, or was altered.
    """
    asked = {
        "inputs": [_input(given) for given in inputs],
        "shard": shard,
        "batch_size": batch_size,
        "detector": json.loads(json.dumps(detector)),
    }
    if not (folder / PLAN).exists():
        _make(folder, asked)
    plan = load_plan(folder)
    plan.check(asked)
    return plan


def load_plan(folder: Path) -> Plan:
    """The plan of ``folder``, which was made before.

    Raises:
        DataError: it was altered.
    """
    return Plan(folder, _read(folder))


def _input(given: str) -> dict[str, str]:
    """An input and, of a list, what it holds."""
    check_there(given)
    table = table_of(given)
    return {"input": given, **({} if table is None else {"sha256": _digest_of(table)})}


def _make(folder: Path, asked: Mapping[str, Any]) -> None:
    """Write a plan; if somebody does so meanwhile, theirs is the plan."""
    new, shards = folder / f"rows-{os.urandom(4).hex()}.parquet", 0
    parquet = pyarrow_parquet("Predicting in shards")
    import pyarrow

    schema = pyarrow.schema([("name", pyarrow.string()), ("input", pyarrow.int32())])
    with (
        written_whole(new, durable=True) as part,
        # Checked when they are read, since a plan is read for weeks.
        parquet.ParquetWriter(part, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for names, numbers in _shards([one["input"] for one in asked["inputs"]], asked["shard"]):
            writer.write_table(pyarrow.table([names, numbers], schema=schema), row_group_size=len(names))
            shards += 1
    facts = {"version": _VERSION, **asked, "here": str(Path.cwd()), "shards": shards}
    digest = _digest_of(new)
    rows = new.replace(folder / f"rows-{digest[:12]}.parquet")  # the same plan has the same name, here and elsewhere
    facts |= {"rows": {"file": rows.name, "sha256": digest}}
    text = json.dumps({**facts, "sha256": fingerprint(facts)}, indent=1, ensure_ascii=False)
    write_once(folder / PLAN, text + "\n")


def _shards(inputs: Sequence[str], size: int) -> Iterator[tuple[list[str], list[int]]]:
    """Names and numbers of their inputs, a shard at a time; a tar is a shard of its own, by its name."""
    rows: list[tuple[str, int]] = []
    for number, given in enumerate(inputs):
        for name in names_of(given):
            if is_tar(name):
                yield [name], [number]
                continue
            rows.append((name, number))
            if len(rows) == size:
                yield tuple(map(list, zip(*rows, strict=True)))
                rows = []
    if rows:
        yield tuple(map(list, zip(*rows, strict=True)))


@lru_cache(maxsize=2)
def _pictures(plan: Plan, shard: int) -> Sequence[Picture]:
    parquet = pyarrow_parquet("Predicting in shards")
    path = plan.folder / plan.facts["rows"]["file"]
    try:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            names, numbers = file.read_row_group(shard, use_threads=False).to_pydict().values()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} was altered or damaged ({one_line(error)}): predict into another --out") from error
    here = Path(plan.facts["here"])
    tables = [table_of(one["input"], here) for one in plan.facts["inputs"]]
    if not is_tar(names[0]):
        return _Rows(names, [tables[number] for number in numbers], here)
    try:
        return list(pictures_named(names[0], tables[numbers[0]], here))
    except DataError as error:
        return [Picture(names[0], error)]


@dataclass(frozen=True, eq=False)
class _Rows(Sequence[Picture]):
    """Pictures that whoever loads them looks for; one that cannot be found costs its own row alone."""

    names: Sequence[str]
    tables: Sequence[Path | None]
    here: Path

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, row: int) -> Picture:
        try:
            return picture_named(self.names[row], self.tables[row], self.here)
        except DataError as error:
            return Picture(self.names[row], error)


def _read(folder: Path) -> dict[str, Any]:
    """What ``plan.json`` says, once it and its rows are known to be as they were written."""
    facts = read_json(folder / PLAN, "plan")
    try:
        if facts.pop("sha256") != (digest := fingerprint(facts)) or facts["version"] != _VERSION:
            raise DataError(f"{folder / PLAN} was altered, or is of another version: predict into another --out")
        rows = folder / facts["rows"]["file"]
        if _digest_of(rows) != facts["rows"]["sha256"]:
            raise DataError(f"{rows} was altered since it was planned: predict into another --out")
    except (AttributeError, KeyError, TypeError, OSError) as error:
        raise DataError(
            f"{folder / PLAN} is no plan ({type(error).__name__}: {error}): choose another --out"
        ) from error
    return {**facts, "sha256": digest}


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


def _difference(name: str, then: Any, now: Any) -> str:
    """What differs, in words."""
    if name == "inputs":
        changed = next((one["input"] for one in [*now, *then] if one not in now or one not in then), "their order")
        return f"other inputs ({changed} is another, or was changed)"
    if isinstance(then, Mapping):
        name = next(key for key in {**then, **now} if then.get(key) != now.get(key))
        then, now = then.get(name), now.get(name)
    return f"another {name.replace('_', ' ')}, {one_line(then, 60)} and not {one_line(now, 60)}"
