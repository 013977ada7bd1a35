"""Tables that name pictures and their labels: text lists, csv and tsv, json, and MATLAB's mat files."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.storage.parquet import pyarrow_parquet

Columns = Mapping[str, str | int]

_LABELLED = re.compile(r"(?P<path>.*\S)\s+(?P<label>[+-]?\d+)")
_WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?")


class Row(NamedTuple):
    """A row: its number from 1 on, the picture's path, and its label, None where it has none."""

    number: int
    path: str
    label: int | str | None


def read_table(
    path: Path,
    columns: Columns | None = None,
    rows: Mapping[str | int, Any] | None = None,
    beside: Sequence[Path] = (),
) -> list[Row]:
    """Return the rows of a table; its ending, ``columns`` and ``rows`` are those of :class:`~datasets.Pictures`.

    Tables ``beside`` it add their columns to the rows that begin with the same number or word.

    Raises:
        ConfigError: ``columns`` names no path, or there are several tables and it counts no columns of text files.
    """
    if columns is not None and ("path" not in columns or not columns.keys() <= {"path", "label"}):
        raise ConfigError(f"columns={columns!r}: give dict(path=..., label=...), or dict(path=...) without labels")
    kind = path.suffix.lower()
    if beside and (columns is None or kind in (".csv", ".tsv", ".json", ".mat")):
        raise ConfigError(
            f"table {path} and {len(beside)} more: only text files whose columns are counted, as in "
            "columns=dict(path=1, label=2), are read side by side"
        )
    if kind in (".csv", ".tsv"):
        table = _cells(path, named=not any(isinstance(name, int) for name in (columns or {"path": ""}).values()))
    elif kind == ".json":
        table = _json(path, columns)
    elif kind == ".mat":
        table = _mat(path)
    elif columns is None and not rows:
        return list(_lines(path))
    else:
        table = _words(path)
        for other in beside:
            table = _joined(path, table, other)
    if columns is None:
        columns = {"path": "path", "label": "label"} if "label" in _names(table) else {"path": "path"}
    return _chosen(path, table, columns, rows or {})


def picture_paths(path: Path) -> Iterator[str]:
    """The paths in a table whose columns go by their usual names; lists and Parquet a piece at a time.

    Of Parquet the column ``image``, as predictions have it, or ``path``.

    Raises:
        DataError: it has neither, or is no Parquet.
    """
    if path.suffix.lower() == ".txt":
        yield from (row.path for row in _lines(path))
    elif path.suffix.lower() == ".parquet":
        yield from _parquet(path)
    else:
        yield from (row.path for row in read_table(path))


def _parquet(path: Path) -> Iterator[str]:
    parquet = pyarrow_parquet(f"table {path}")
    try:
        with parquet.ParquetFile(path) as file:
            column = next((name for name in ("image", "path") if name in file.schema_arrow.names), None)
            if column is None:
                raise DataError(
                    f"table {path} has no column 'image' or 'path' but {', '.join(file.schema_arrow.names)}"
                )
            for batch in file.iter_batches(columns=[column], use_threads=False):
                yield from batch.column(0).to_pylist()
    except (OSError, ValueError) as error:  # Arrow's own are ValueErrors
        raise DataError(f"table {path} is no Parquet that can be read ({error})") from error


def _chosen(path: Path, table: Any, columns: Columns, rows: Mapping[str | int, Any]) -> list[Row]:
    """The rows that are wanted."""
    held = {name: _column(path, table, name) for name in (*columns.values(), *rows)}
    lengths = {name: len(column) for name, column in held.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"table {path}: its columns have different lengths, {lengths}; check columns and rows")
    paths = held[columns["path"]]
    labels = held[columns["label"]] if "label" in columns else [None] * len(paths)
    kept = range(len(paths))
    for name, values in rows.items():
        allowed = {str(value) for value in (values if isinstance(values, list | tuple) else [values])}
        kept = [i for i in kept if str(held[name][i]) in allowed]
    if rows and not kept:
        raise DataError(f"table {path}: no row of {len(paths)} has rows={dict(rows)!r}")
    return [Row(i + 1, str(paths[i]).strip(), _label(labels[i])) for i in kept]


def _column(path: Path, table: Any, name: str | int) -> Sequence[Any]:
    """A column; a dot leads into a list, or a struct, of rows, as in ``annotations.fname``."""
    try:
        if isinstance(name, int):
            return [row[name] for row in table]
        for part in [name] if name in _names(table) else name.split("."):
            table = table[part] if isinstance(table, Mapping) else [row[part] for row in table]
    except (KeyError, IndexError, TypeError):
        hint = did_you_mean(str(name), _names(table))
        raise DataError(
            f"table {path}: not every row has a column {name!r}; {hint}: say which it is, as in "
            "columns=dict(path='file', label='class')"
        ) from None
    # MATLAB has no list of one.
    return list(table) if isinstance(table, Sequence) and not isinstance(table, str) else [table]


def _names(table: Any) -> list[str]:
    """The columns of a table whose rows know them."""
    first = table[0] if isinstance(table, list) and table else table
    return [name for name in first if isinstance(name, str)] if isinstance(first, Mapping) else []


def _label(value: Any) -> int | str | None:
    text = "" if value is None else str(value).strip()
    whole = _WHOLE.fullmatch(text)
    return int(whole[1]) if whole else text or None


def _words(path: Path) -> list[list[str]]:
    """The rows of a text file whose columns are parted by blanks, without comments."""
    return [line.split() for line in _text(path).splitlines() if line.strip() and not line.startswith("#")]


def _joined(path: Path, table: list[list[str]], other: Path) -> list[list[str]]:
    """Each row with what the row of ``other`` that begins alike has behind that."""
    more = {first: rest for first, *rest in _words(other)}
    if lacking := [row[0] for row in table if row[0] not in more]:
        raise DataError(f"table {other}: it has no row {lacking[0]!r}, which {path} has ({len(lacking)} in all)")
    return [row + more[row[0]] for row in table]


def _lines(path: Path) -> Iterator[Row]:
    """The rows of a list: ``path label`` or ``path``; the last word is the label if it is an integer."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(map(str.strip, file), 1):
                if line:
                    match = _LABELLED.fullmatch(line)
                    yield Row(number, match["path"], int(match["label"])) if match else Row(number, line, None)
    except UnicodeDecodeError as error:
        raise _no_text(path, error) from error
    except OSError as error:
        raise _unread(path, error) from error


def _cells(path: Path, named: bool) -> list[Any]:
    """The rows of a csv or tsv file, as dicts if its first row holds the names of its columns."""
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        cells = [row for row in csv.reader(io.StringIO(_text(path), newline=""), delimiter=separator) if row]
    except csv.Error as error:
        raise DataError(f"table {path}: {error}") from error
    return [dict(zip(cells[0], row, strict=False)) for row in cells[1:]] if named else cells


def _json(path: Path, columns: Columns | None) -> Any:
    """What JSON holds; of an object that gives each class the list of its paths, rows."""
    try:
        table = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"table {path} is not valid JSON: {error}") from error
    by_class = columns is None and isinstance(table, Mapping) and "path" not in table
    if by_class and all(isinstance(paths, list) for paths in table.values()):
        return [{"path": one, "label": name} for name, paths in table.items() for one in paths]
    return table


def _mat(path: Path) -> Any:
    """The variables of a mat file, structs as dicts and arrays as lists."""
    try:
        from scipy.io import loadmat
    except ImportError as error:
        raise DataError(f"table {path}: reading mat files needs SciPy; pip install scipy") from error
    data = io.BytesIO(_bytes(path))
    try:
        return _plain(loadmat(data, simplify_cells=True))
    except Exception as error:  # SciPy raises nearly anything.
        raise DataError(f"table {path} is no mat file that SciPy reads; save it with MATLAB's -v7") from error


def _plain(thing: Any) -> Any:
    if isinstance(thing, Mapping):
        return {key: _plain(value) for key, value in thing.items() if not key.startswith("__")}
    if hasattr(thing, "tolist"):
        thing = thing.ravel().tolist()
    return [_plain(value) for value in thing] if isinstance(thing, list) else thing


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(path, error) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unread(path, error) from error


def _no_text(path: Path, error: UnicodeDecodeError) -> DataError:
    return DataError(f"table {path} is not UTF-8 text ({error.reason} at byte {error.start})")


def _unread(path: Path, error: OSError) -> DataError:
    return DataError(f"table {path}: {error.strerror}; check table and data_root")
