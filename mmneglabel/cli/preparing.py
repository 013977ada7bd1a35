"""What ``tools/prepare_data.py`` does: looks whether picture sets are there, laid out right and whole."""

import hashlib
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mmneglabel.catalogue import (
    PROTOCOLS,
    ROWS,
    SETS,
    PictureSet,
    find_rows,
    find_set,
    find_take,
    set_config,
    takes_of,
)
from mmneglabel.datasets.layouts import due_files, layout_fault, misplaced
from mmneglabel.datasets.subset import build_subset, load_subset
from mmneglabel.errors import ConfigError, DataError, NegLabelError, did_you_mean, one_line
from mmneglabel.visualization.cells import padded

OK, MISSING, WRONG, INCOMPLETE, DAMAGED = "ok", "missing", "wrong layout", "incomplete", "damaged"
MORE = "another number"


@dataclass(frozen=True)
class Found:
    """What was found of a set.

    Attributes:
        name: the set's.
        take: which of its pictures were looked for.
        state: one of the words above.
        images: how many of its pictures are there; None where that could not be told.
        remark: what is wrong and what to do, or what should be known.
    """

    name: str
    take: str | None
    state: str
    images: int | None = None
    remark: str = ""


def look_at(name: str, take: str | None, data_root: Path, every: int = 100) -> Found:
    """Look for a set, its layout, the number of its pictures and, of each ``every``-th, whether it decodes; 0: of none.

    The reader is the one that a test uses, so what it finds is what would be scored.
    """
    if found := _unreadable(name, take, data_root):
        return found
    try:
        dataset = build_subset(set_config(name, take, str(data_root)), (), "it")
        load_subset(dataset, "it")
    except NegLabelError as error:
        return Found(name, take, WRONG, remark=str(error).removeprefix("it: "))
    paths = [Path(path) for i in range(len(dataset)) if (path := dataset.get_data_info(i).get("img_path"))]
    if absent := [path for path in paths if not path.is_file()]:
        fault = misplaced(absent[0])
        remark = str(fault) if fault else f"{len(absent):,} listed pictures are not there, first {absent[0]}"
        return Found(name, take, WRONG if fault else INCOMPLETE, len(dataset) - len(absent), remark)
    if broken := _broken(paths[::every] if every else ()):
        return Found(name, take, DAMAGED, len(dataset), f"cannot be decoded: {broken}")
    return _counted(name, take, len(dataset))


def _unreadable(name: str, take: str | None, data_root: Path) -> Found | None:
    """What keeps a set from being read, with our advice; None where nothing that is known does."""
    parts = find_take(name, take).parts
    if fault := next(filter(None, (layout_fault(part, data_root) for part in parts)), None):
        return Found(name, take, WRONG, remark=str(fault))
    if not (data_root / parts[0]["data_root"]).exists():
        return Found(name, take, MISSING)
    due = {path: md5 for part in parts for path, md5 in due_files(part, data_root).items()}
    if lost := [str(path) for path in due if not path.is_file()]:
        return Found(name, take, MISSING, remark=f"without {', '.join(lost)}")
    if changed := _changed({path: md5 for path, md5 in due.items() if md5}):
        return Found(name, take, DAMAGED, remark=changed[0])
    return None


def _counted(name: str, take: str | None, images: int) -> Found:
    """By the number of pictures that others counted."""
    wanted = find_take(name, take)
    if images == wanted.images:
        return Found(name, take, OK, images)
    if wanted.counted:
        state = INCOMPLETE if images < wanted.images else MORE
        return Found(name, take, state, images, f"{wanted.images:,} are due")
    return Found(name, take, OK, images, f"others speak of {wanted.images:,}, which nobody confirmed")


def _broken(paths: Iterable[Path]) -> str:
    """The first picture that does not decode, and why."""
    for path in paths:
        try:
            with Image.open(path) as picture:
                picture.load()
        except Exception as error:  # Pillow's formats raise nearly anything
            return f"{path} ({one_line(error)})"
    return ""


def damaged_archives(facts: PictureSet, data_root: Path) -> list[str]:
    """A sentence on each archive of a set that lies in ``data_root`` with another checksum than its makers'."""
    there = {data_root / name: due for name, due in facts.archives.items() if (data_root / name).is_file()}
    return [f"archive {line}" for line in _changed(there)]


def _changed(due: Mapping[Path, str]) -> list[str]:
    """A sentence on each file that has another checksum than is due."""
    return [f"{path} has another MD5 than {md5}: fetch it again" for path, md5 in due.items() if _md5(path) != md5]


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def run_prepare(args: Namespace) -> None:
    """Print a table of the sets, then what to do for each that is not as it should be; see its ``--help``.

    Raises:
        DataError: there is something to do.
    """
    data_root = Path(args.data_root).expanduser()
    wanted = dict.fromkeys(pair for name in args.names for pair in _wanted(name))
    found = [look_at(name, take, data_root, args.every) for name, take in wanted]
    print(_table(found))
    for one in found:
        if one.remark or one.state != OK:
            print(_advice(one, data_root))
    damaged = {line: name for name, _ in wanted for line in damaged_archives(find_set(name), data_root)}
    print("".join(f"\n{line}\n" for line in damaged), end="")
    if bad := list(dict.fromkeys([one.name for one in found if one.state != OK] + [*damaged.values()])):
        raise DataError(f"{len(bad)} of {len(wanted)} sets are not ready: {', '.join(bad)}")


def _wanted(name: str) -> Iterable[tuple[str, str | None]]:
    """A set, perhaps with the take behind a colon, or the sets of a row, a table or a protocol."""
    title, _, take = name.partition(":")
    if title in SETS:
        find_take(title, take or None)
        return [(title, take or None)]
    if name in ROWS.keys() | PROTOCOLS.keys() or "/" in name:
        return takes_of(find_rows([name]))
    raise ConfigError(f"No picture set, row or protocol {name!r}: {did_you_mean(name, {*SETS, *PROTOCOLS})}")


def _table(found: Sequence[Found]) -> str:
    """A line a set: name, which pictures, state, how many."""
    rows = [("set", "taken", "state", "pictures", "of")]
    for one in found:
        images = "-" if one.images is None else f"{one.images:,}"
        rows.append((one.name, one.take or "all", one.state, images, f"{find_take(one.name, one.take).images:,}"))
    return "\n".join("  ".join(row) for row in padded(rows, right={3, 4}))


def _advice(one: Found, data_root: Path) -> str:
    """What to do for a set: where it comes from and how it must lie."""
    facts, take = find_set(one.name), find_take(one.name, one.take)
    lines = [f"\n{one.name}: {one.state}" + (f": {one.remark}" if one.remark else "")]
    if one.state != OK:
        lines += [f"  from     {take.origin or facts.origin}", f"  licence  {facts.licence}"]
        lines += [f"  layout   {data_root}/{take.tree or facts.tree}"]
        lines += [f"  note     {facts.note}"] if facts.note else []
    return "\n".join(lines)
