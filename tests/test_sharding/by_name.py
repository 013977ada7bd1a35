"""A detector that scores a picture by its name, and processes that die where they are told."""

import hashlib
import os
import signal
from pathlib import Path

from mmneglabel.apis.inputs import Picture
from mmneglabel.runtime import FIELDS
from mmneglabel.sharding import load_plan, mark_died, open_plan, score_shards, turn_of

BATCH = 8


def result(picture: Picture) -> dict:
    """Any numbers, the same for the same name."""
    found = dict.fromkeys(FIELDS) | {"image": picture.name}
    if isinstance(picture.source, Exception):
        return found | {"error": str(picture.source)}
    number = int(hashlib.sha256(picture.name.encode()).hexdigest()[:4], 16)
    found |= {"pred_label": number % 3, "pred_class": "abc"[number % 3], "pred_score": 0.5, "ood_score": number / 2**16}
    found |= {"log_odds": float(number), "p_value": (1 + number % 100) / 100, "decision": ("in", "out")[number % 2]}
    return found | {"against": [("word", 0.5), ("other", 0.25)], "width": 3, "height": 2}


class ByName:
    """What ``NegLabelInferencer.batches`` does, without a network.

    Args:
        at: called with "loading" and a picture's name, and with "scoring" and the names of a batch.
    """

    def __init__(self, at=lambda what, name: None):
        self.at = at

    def batches(self, pictures, order, workers=0, before=lambda: None):
        for keys in order:
            batch = []
            for key in keys:
                picture = pictures[key]
                if not isinstance(picture.source, Exception):
                    self.at("loading", picture.name)
                batch.append(picture)
            before()
            self.at("scoring", [picture.name for picture in batch])
            yield [result(picture) for picture in batch]


def listed(folder: Path, count: int) -> str:
    """A list of so many pictures."""
    path = folder / "list.txt"
    path.write_text("".join(f"/pictures/{number:06}.png\n" for number in range(count)))
    return str(path)


def planned(out: Path, *inputs: str, shard: int = 50, **detector: str):
    return open_plan(out, inputs, shard, BATCH, detector or {"bank": "a"})


def work(out: Path, detector=None, turn=(1, 1), **settings) -> list:
    """A worker's life in this process."""
    plan = load_plan(out)
    return list(score_shards(plan, detector or ByName(), list(turn_of(plan, *turn)), **settings))


def lives(out: Path, *detectors, seen: bool = True, **settings) -> list[int]:
    """Workers' lives in processes of their own, all at once; returns how they ended.

    Args:
        out: the folder.
        detectors: of each of them.
        seen: whether somebody sees them die.
        settings: of :func:`work`.
    """
    children = []
    for detector in detectors:
        if not (child := os.fork()):
            try:
                work(out, detector, **settings)
                os._exit(0)
            except BaseException:
                os._exit(3)
        children.append(child)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    for child, end in zip(children, ends, strict=True):
        if end and seen:
            mark_died(out, child)
    return ends


def dies(when) -> ByName:
    """A detector whose process is killed when ``when(what, name)`` says so."""

    def at(what, name):
        if when(what, name):
            os.kill(os.getpid(), signal.SIGKILL)

    return ByName(at)


def parts(out: Path) -> dict[str, bytes]:
    """The parts by name."""
    return {path.name: path.read_bytes() for path in sorted((out / "parts").glob("[!.]*"))}
