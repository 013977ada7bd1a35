"""A worker's word that it is at a shard: it saves others the work, and tells where a worker died.

No result hangs on it: where two work on one shard all the same, both come to the same part.

A worker may be killed, with all around it, for no fault of a picture: the next goes on as if nothing had happened. But
where somebody saw it die alone, or it happens thrice, the next one is careful: it loads in its own process and notes
each picture before it is read. A picture that two of these died of is set aside, so that a file which brings a decoder
down costs its own row alone. Where three die of a batch in the network, nobody tries again.
"""

import json
import os
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmneglabel.storage.text_files import write_once

LEASES = "work"
"""The folder of the leases."""
LOADING, SCORING = "loading", "scoring"

_DEATHS = {LOADING: 2, SCORING: 3}  # at one place; a batch is more often hit by chance than a picture
_MOST_DEATHS = 12
_MOST_LOST = 3
SILENT = 600.0
"""Seconds after which a worker counts as dead, wherever it is; it gives a sign of life each batch."""
_ROOM = 2048  # bytes, always as many, so that a shorter note leaves nothing of a longer one
_HELD, _FREE, _DIED, _GIVEN_UP = "held", "free", "died", "given up"


@dataclass(eq=False)
class Lease:
    """A shard that this process works on.

    Attributes:
        path: its file.
        shard: which.
        deaths: where workers before died: what they did and at which row, or None where nobody noted it.
        lost: how many others are gone without anybody having seen it.
    """

    path: Path
    shard: int
    deaths: list[tuple[str, int] | None] = field(default_factory=list)
    lost: int = 0

    @property
    def careful(self) -> bool:
        """Whether to take care."""
        return bool(self.deaths)

    @property
    def set_aside(self) -> list[int]:
        """Rows of pictures that workers died of."""
        return sorted(row for what, row in self._deadly if what == LOADING)

    @property
    def hopeless(self) -> bool:
        """Whether to try again would end as before."""
        return len(self.deaths) >= _MOST_DEATHS or any(what == SCORING for what, _ in self._deadly)

    @property
    def _deadly(self) -> list[tuple[str, int]]:
        places = Counter(place for place in self.deaths if place)
        return [place for place, count in places.items() if count >= _DEATHS[place[0]]]

    def at(self, what: str, row: int) -> None:
        """Give a sign of life and, of a careful worker, say where to look if it is the last."""
        self.write(_HELD, (what, row) if self.careful else None)

    def give_back(self) -> None:
        """Somebody told this process to stop: it has not died."""
        self.write(_FREE)

    def give_up(self) -> None:
        """Nobody is to try again."""
        self.write(_GIVEN_UP)

    def end(self) -> None:
        """The shard is finished."""
        self.path.unlink(missing_ok=True)

    def text(self, state: str, place: tuple[str, int] | None = None) -> str:
        """What it says."""
        holder = {"host": socket.gethostname(), "pid": os.getpid()}
        said = {"state": state, **holder, "place": place, "deaths": self.deaths, "lost": self.lost}
        return json.dumps(said).ljust(_ROOM)

    def write(self, state: str, place: tuple[str, int] | None = None) -> None:
        """Write it in one piece, so that nobody reads half of it."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, self.text(state, place).encode())
        finally:
            os.close(descriptor)


def take(folder: Path, shard: int, careful: bool = False, surely_dead: bool = False) -> Lease | None:
    """A lease of a shard, or None where somebody is at it, as far as can be seen, or nobody is to try again.

    Args:
        folder: of the predictions.
        shard: which; not finished.
        careful: whether this worker takes care; else it gets none that wants it.
        surely_dead: whether somebody knows that whoever was at it has died.
    """
    lease = Lease(_path(folder, shard), shard)
    if write_once(lease.path, lease.text(_HELD)):  # never a name alone, of which nobody would know whose it is
        return lease
    lease = _inherited(lease.path, shard, surely_dead)
    if lease is None or (lease.careful and not careful):
        return None
    lease.write(_HELD)
    return lease


def _inherited(path: Path, shard: int, surely_dead: bool) -> Lease | None:
    held = _read(path)
    if held is None or held["state"] == _GIVEN_UP:
        return None
    if held["state"] == _HELD and not surely_dead and _lives(held, path):
        return None
    lease = Lease(path, shard, [place and tuple(place) for place in held["deaths"]], held["lost"])
    lease.lost += held["state"] == _HELD
    if held["state"] == _DIED or (held["state"] == _HELD and (surely_dead or lease.lost >= _MOST_LOST)):
        lease.deaths.append(held["place"] and tuple(held["place"]))
    if lease.hopeless:
        lease.give_up()
        return None
    return lease


def mark_died(folder: Path, pid: int) -> None:
    """Say of the shards that a process of this machine was at that it was seen to die."""
    for path in (folder / LEASES).glob("shard-*.json"):
        held = _read(path)
        if held and (held["state"], held["host"], held["pid"]) == (_HELD, socket.gethostname(), pid):
            Lease(path, 0, held["deaths"], held["lost"]).write(_DIED, held["place"])


def forget(folder: Path, shard: int) -> None:
    """The shard is finished; who finished it may have been killed before it could say so."""
    _path(folder, shard).unlink(missing_ok=True)


def given_up(folder: Path) -> list[int]:
    """The shards of which nobody is to try again."""
    leases = sorted((folder / LEASES).glob("shard-*.json"))
    return [int(path.stem.partition("-")[2]) for path in leases if (_read(path) or {}).get("state") == _GIVEN_UP]


def _path(folder: Path, shard: int) -> Path:
    return folder / LEASES / f"shard-{shard:07}.json"


def _read(path: Path) -> dict[str, Any] | None:
    """What a lease says, a damaged one that somebody somewhere held it; None where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {"state": _HELD, "host": None, "pid": 0, "place": None, "deaths": [], "lost": 0}


def _lives(held: dict[str, Any], path: Path) -> bool:
    """Whether who holds it seems to be alive: by its last sign of life, and here by its process.

    Numbers of processes come again, in a container that is started anew even at once: mine is none that held it before.
    """
    try:
        if time.time() - path.stat().st_mtime > SILENT:
            return False
        if held["host"] != socket.gethostname() or sys.platform == "win32":  # where asking would interrupt it
            return True
        os.kill(held["pid"], 0)
    except PermissionError:
        return True
    except (FileNotFoundError, ProcessLookupError):
        return False
    return held["pid"] != os.getpid()
