"""What one test found of every image, and the file ``results.safetensors`` that holds it; see docs/results.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mmneglabel.errors import DataError, did_you_mean
from mmneglabel.storage.strings import Strings
from mmneglabel.storage.text_files import write_atomically

FILE = "results.safetensors"
"""The file's name in a work dir."""

NO_LABEL = -1
"""Stands for a missing label."""

SHARES = ("labels", "label_shares", "negatives", "negative_shares")
"""The arrays that say of every image which ID labels and which negatives took the largest shares."""

WORDS = ("distances", "adjectives", "label_map", "negative_map")
"""The arrays that say of the words which are far from the labels, which are adjectives, and where all lie on a map."""

_KIND, _VERSION = "results", 1
_ARRAYS = ("set_index", "scores", "pred_label", "gt_label", "log_odds")
_STRINGS = ("paths", "class_names", "negatives")
_PLAYED = ("order", "batch_size", "seeds")
_PLAIN = ("set_names", "score_names", "log_odds_names", "groups", "thresholds", "shares_of", "run", "made")


@dataclass(frozen=True, eq=False)
class PlayedStreams:
    """The streams of one score that learns while testing: every OOD set mixed with the ID set, once a seed.

    Args:
        order: In which order they brought their images; see :data:`mmneglabel.scores.ORDERS`.
        batch_size: Images that were learned from and scored together.
        seeds: S of them.
        scores: OOD set -> shape (S, n + m), float64: scores of the n readable images of the ID set, then of the m of
            that set, both in the order of the results, not of the stream.
    """

    order: str
    batch_size: int
    seeds: tuple[int, ...]
    scores: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Results:
    """N images of several sets, each scored S times; ``paths``, ``shares`` and what follows may be empty.

    Args:
        set_names: The ID set first, then the OOD sets in the order of the table.
        score_names: The S scores of single images, in the order of the table; the streams stand below them.
        set_index: For each image the position of its set in ``set_names``, shape (N,).
        scores: Shape (N, S), float64, higher = more in-distribution; of no meaning where ``unreadable``.
        pred_label: Predicted class, shape (N,); :data:`NO_LABEL` where there is none.
        gt_label: True class, shape (N,); :data:`NO_LABEL` where unknown, as for every OOD image.
        unreadable: Position of an image that could not be read -> the message that names it.
        groups: Group name -> the OOD sets in it, such as ``{"near": (...), "far": (...)}``.
        log_odds_names: The L scores that are shares.
        log_odds: Their log-odds ``log(S / (1 - S))``, computed without rounding S, shape (N, L).
        paths: Of the images' files, N or none; empty strings where the pictures lay in memory.
        class_names: The ID classes by label.
        shares_of: The score that ``shares`` explain; None where there are none.
        shares: For each image the largest shares of that score: ``labels`` and ``negatives``, positions in
            ``class_names`` and ``negatives``, and ``label_shares`` and ``negative_shares``, each of shape (N, 5).
        negatives: The negative labels of that score.
        words: Of the K class names and the M negatives: ``distances`` (M,), the cosine distances to the labels by
            which they were mined; ``adjectives`` (M,), True where a word is one, else it is a noun; ``label_map``
            (K, 2) and ``negative_map`` (M, 2), the two directions in which their text features vary most.
        streams: Score that learns while testing -> its streams. It gives an image another score in each of them.
        thresholds: Score -> OOD set -> metric -> the score at which it was read.
        run: What the scores were computed with, as ``_run`` in ``metrics.json``.
        made: How the file came to be: the ``command``, the ``date``, the ``versions`` of packages.
    """

    set_names: tuple[str, ...]
    score_names: tuple[str, ...]
    set_index: NDArray[np.int64]
    scores: NDArray[np.float64]
    pred_label: NDArray[np.int64]
    gt_label: NDArray[np.int64]
    unreadable: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    log_odds_names: tuple[str, ...] = ()
    log_odds: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    paths: Sequence[str] = ()
    class_names: Sequence[str] = ()
    shares_of: str | None = None
    shares: Mapping[str, NDArray] = field(default_factory=dict)
    negatives: Sequence[str] = ()
    words: Mapping[str, NDArray] = field(default_factory=dict)
    streams: Mapping[str, PlayedStreams] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.set_index)

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Which images could be read, shape (N,)."""
        readable = np.ones(len(self), dtype=bool)
        readable[list(self.unreadable)] = False
        return readable

    def of_set(self, name: str) -> NDArray[np.int64]:
        """Positions of the readable images of a set, ascending."""
        return np.flatnonzero((self.set_index == _place(name, self.set_names, "set")) & self.readable)

    def score(self, name: str, of: str | None = None) -> NDArray[np.float64]:
        """One score of all images, NaN where unreadable; or of the readable images of one set."""
        column = self.scores[:, _place(name, self.score_names, "score")]
        return np.where(self.readable, column, np.nan) if of is None else column[self.of_set(of)]

    def values(self, name: str, of: str | None = None) -> NDArray[np.float64]:
        """As :meth:`score`, on the scale of thresholds and figures: log-odds of a score that is a share."""
        if not self.is_share(name):
            return self.score(name, of)
        column = self.log_odds[:, self.log_odds_names.index(name)]
        return np.where(self.readable, column, np.nan) if of is None else column[self.of_set(of)]

    def is_share(self, name: str) -> bool:
        """Whether a score has log-odds: near 1 its own values can hardly be told apart."""
        return name in self.log_odds_names

    def stream(self, name: str, of: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of the streams of one score on an OOD set, a row a seed: ID scores (S, n) and OOD scores (S, m)."""
        if name not in self.streams:
            raise DataError(f"These results have no stream {name!r}; {did_you_mean(name, self.streams)}")
        scores = self.streams[name].scores[self.set_names[1 + _place(of, self.set_names[1:], "OOD set")]]
        known = len(self.of_set(self.set_names[0]))
        return scores[:, :known], scores[:, known:]

    def save(self, path: str | Path) -> None:
        """Write the file, all of it or nothing."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        for kind in ("shares", "words"):
            arrays |= {f"{kind}.{name}": array for name, array in getattr(self, kind).items()}
        for number, played in enumerate(self.streams.values()):
            arrays |= {f"streams.{number}.{self.set_names.index(of)}": array for of, array in played.scores.items()}
        for name in _STRINGS:
            packed = Strings.of(getattr(self, name))
            arrays |= {f"{name}.letters": packed.letters, f"{name}.ends": packed.ends}
        fields = {name: getattr(self, name) for name in _PLAIN} | {"unreadable": list(self.unreadable.items())}
        played = self.streams.items()
        fields["streams"] = [{"name": name, **{key: getattr(one, key) for key in _PLAYED}} for name, one in played]
        header = json.dumps({"kind": _KIND, "version": _VERSION, "fields": fields})
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        write_atomically(Path(path), save(whole, {"mmneglabel": header}))


def load(path: str | Path) -> Results:
    """Read ``results.safetensors``; its arrays are mapped, not copied.

    Args:
        path: Of the file, or of the work dir it lies in.

    Raises:
        DataError: There is none, or it is damaged, or of another version.
    """
    path = Path(path).expanduser()
    path = path / FILE if path.is_dir() else path
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("mmneglabel", "{}"))
            arrays = {name: file.get_tensor(name).numpy() for name in file.keys()}  # noqa: SIM118 - no mapping
        if header.get("kind") != _KIND or header["version"] != _VERSION:
            raise DataError(f"{str(path)!r} holds no results that this version of mmneglabel reads: test again.")
        return _results(header["fields"], arrays)
    except OSError as error:
        raise DataError(f"No readable results at {str(path)!r} ({error}): run tools/test.py first.") from error
    except (SafetensorError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise DataError(f"{str(path)!r} holds no results ({type(error).__name__}: {error}).") from error


def _place(name: str, names: tuple[str, ...], kind: str) -> int:
    """Where a name stands among the scores or sets."""
    if name not in names:
        raise DataError(f"These results have no {kind} {name!r}; {did_you_mean(name, names)}")
    return names.index(name)


def only_label(label: Any) -> int:
    """The one class in a number, sequence, array or tensor; :data:`NO_LABEL` where it is none, several or negative."""
    if label is None:
        return NO_LABEL
    if isinstance(label, int) or not getattr(label, "ndim", 1):
        return max(int(label), NO_LABEL)
    if len(label) != 1:
        return NO_LABEL
    # Of a tensor, item() takes a sixth of the time of indexing.
    return max(int(label.item() if hasattr(label, "item") else label[0]), NO_LABEL)


def _results(fields: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> Results:
    """Of a file's parts; those that a later version adds are passed over, and those that it leaves out are empty."""
    set_names = tuple(fields["set_names"])
    strings = {name: Strings(arrays[f"{name}.letters"], arrays[f"{name}.ends"]) for name in _STRINGS}
    return Results(
        **{name: arrays[name] for name in _ARRAYS},
        **strings,
        **{name: fields[name] for name in ("thresholds", "shares_of", "run")},
        made=fields.get("made", {}),
        set_names=set_names,
        score_names=tuple(fields["score_names"]),
        log_odds_names=tuple(fields["log_odds_names"]),
        groups={name: tuple(members) for name, members in fields["groups"].items()},
        unreadable=dict(fields["unreadable"]),
        shares={name: arrays[f"shares.{name}"] for name in SHARES if f"shares.{name}" in arrays},
        words={name: arrays[f"words.{name}"] for name in WORDS if f"words.{name}" in arrays},
        streams={
            one["name"]: PlayedStreams(
                one["order"],
                one["batch_size"],
                tuple(one["seeds"]),
                {name: arrays[f"streams.{number}.{i}"] for i, name in enumerate(set_names) if i},
            )
            for number, one in enumerate(fields.get("streams", ()))
        },
    )
