"""What ``tools/calibrate.py`` does: a threshold from a test's results or from pictures, and what it promises."""

import hashlib
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmneglabel import results
from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.inputs import listed
from mmneglabel.calibration import (
    ClassAcceptance,
    Threshold,
    aurc,
    by_class,
    calibrate,
    detector_facts,
    kept_and_refused,
    load_threshold,
    oscr,
)
from mmneglabel.calibration.threshold_file import LOG_ODDS, SCORE
from mmneglabel.cli.console import warn
from mmneglabel.errors import ConfigError, DataError, did_you_mean
from mmneglabel.methods import usual
from mmneglabel.results import Results

_REPEATED_AT_MOST = 0.01
_CLASSES_SHOWN = 10


@dataclass(frozen=True, eq=False)
class _Good:
    """n good images: their values on the threshold's unit, the classes they were taken for, their files."""

    score: str
    unit: str
    values: NDArray[np.float64]
    labels: NDArray[np.int64]
    classes: Sequence[str]
    paths: Sequence[str]
    detector: dict[str, Any]


def run_calibrate(args: Namespace) -> None:
    """Calibrate, or show, as ``args`` say; see ``tools/calibrate.py --help``.

    Raises:
        ConfigError: there is nothing to calibrate.
        DataError: pictures are repeated, or too few.
    """
    if args.show:
        print(load_threshold(args.show).said())
        return
    if not args.model:
        raise ConfigError("name a config or a work dir to calibrate, or a threshold with --show")
    tested = _results_of(args)
    if tested and not args.id and args.checkpoint:
        raise ConfigError(f"the results of {args.model} are read, and no image: leave --checkpoint out, or give --id")
    good = _of_results(tested, args.score) if tested else _of_pictures(args)
    _check_repeated(good.paths)
    _check_apart(good.paths, _ood_paths(args))
    found = calibrate(good.values, args.accept, args.guarantee, args.review)
    versions = {"mmneglabel": version("mmneglabel"), "torch": version("torch")}
    today = datetime.now(timezone.utc).date().isoformat()
    threshold = Threshold(good.score, good.unit, found, good.detector, args.images or _named(args), today, versions)
    if tested and args.id:  # results of another place than the model's
        NegLabelInferencer(args.model, threshold=threshold, checkpoint=args.checkpoint, device=args.device)
    threshold.save(args.out)
    print(threshold.said())
    print(_classes(by_class(good.labels, good.values > found.accept.value, args.accept), good.classes))
    if tested:
        print(_open_set(tested, good, threshold), end="")
    print(f"Written to {args.out}: NegLabelInferencer({args.model!r}, threshold={str(args.out)!r})")


def _results_of(args: Namespace) -> Results | None:
    """The results to calibrate on, if they are what is given; the model's own where nothing is."""
    place = Path(args.id or args.model).expanduser()
    if place.suffix == Path(results.FILE).suffix or (place / results.FILE).is_file():
        return results.load(place)
    if not args.id:
        raise ConfigError(f"{args.model} holds no {results.FILE}: name good pictures with --id, or test it first")
    return None


def _of_results(found: Results, score: str | None) -> _Good:
    """The ID images of a test."""
    score = score or found.shares_of or usual(found.score_names or found.streams)
    if score in found.streams:
        raise ConfigError(f"{score!r} depends on the images before, so no threshold holds for a single one")
    if score not in found.score_names:
        raise ConfigError(f"The results have no score {score!r}: {did_you_mean(score, found.score_names)}")
    own = found.of_set(found.set_names[0])
    unit = LOG_ODDS if found.is_share(score) else SCORE
    return _Good(
        score, unit, found.values(score, found.set_names[0]), found.pred_label[own], found.class_names,
        [found.paths[i] for i in own] if len(found.paths) else (), detector_facts(found.run, score),
    )  # fmt: skip


def _of_pictures(args: Namespace) -> _Good:
    """Pictures through the detector."""
    detector = NegLabelInferencer(args.model, checkpoint=args.checkpoint, device=args.device, score=args.score)
    if detector.baked:
        raise ConfigError(f"{args.model} is baked: calibrate what it was made from, and export that again")
    found = detector(listed(args.id), batch_size=args.batch_size, workers=args.workers)
    if unreadable := [one["error"] for one in found if one["error"]]:
        warn(f"{len(unreadable)} of {len(found)} pictures cannot be read and do not count, such as {unreadable[0]}")
    found = [one for one in found if not one["error"]]
    key = "log_odds" if detector.unit == LOG_ODDS else "ood_score"
    return _Good(
        detector.score, detector.unit, np.array([one[key] for one in found], dtype=np.float64),
        np.array([one["pred_label"] for one in found], dtype=np.int64), detector.classes,
        [one["image"] for one in found], detector_facts(detector.model.facts(), detector.score),
    )  # fmt: skip


def _named(args: Namespace) -> str:
    return f"the ID images of {args.model}" if not args.id else str(args.id)


def _check_repeated(paths: Sequence[str]) -> None:
    """Refuse sets in which pictures stand often: they count as many and say no more than one."""
    files = _files(paths)
    counts = Counter(_digests(files, files).values())
    repeated = sum(count - 1 for count in counts.values())
    if repeated > _REPEATED_AT_MOST * len(files):
        raise DataError(
            f"{repeated} of {len(files)} calibration pictures are copies of others: take each once, as n is what the "
            "promise hangs on"
        )


def _check_apart(paths: Sequence[str], others: Sequence[str]) -> None:
    """Refuse good pictures that stand as OOD in the same test."""
    good, ood = _files(paths), _files(others)
    unknown = {*_digests(ood, good).values()}
    if both := [path for path, digest in _digests(good, ood).items() if digest in unknown]:
        raise DataError(
            f"{len(both)} calibration pictures are in the test's OOD sets too, such as {both[0]}: they cannot be both"
        )


def _ood_paths(args: Namespace) -> Sequence[str]:
    """The files of the OOD sets of the work dir's own test, if it is one."""
    if not (Path(args.model) / results.FILE).is_file():
        return ()
    found = results.load(args.model)
    return [found.paths[i] for i in np.flatnonzero(found.set_index)] if len(found.paths) else ()


def _files(paths: Sequence[str]) -> list[Path]:
    return [Path(path) for path in paths if path and Path(path).is_file()]


def _digests(files: Sequence[Path], beside: Sequence[Path]) -> dict[Path, str]:
    """SHA-256 of those files that have the size of another one ``beside``; no others can be equal to any."""
    sizes = Counter(path.stat().st_size for path in beside)
    least = 2 if files is beside else 1
    alike = (path for path in files if sizes[path.stat().st_size] >= least)
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in alike}


def _classes(found: Sequence[ClassAcceptance], names: Sequence[str]) -> str:
    """The classes of which too few images pass."""
    low = sorted((one for one in found if one.low), key=lambda one: one.passed / one.images)
    if not low:
        return f"No class of {len(found)} passes less often than that, beyond chance."
    lines = [
        f"  {names[one.label]}: {one.passed} of {one.images} pass ({one.interval[0]:.2f} to {one.interval[1]:.2f})"
        for one in low[:_CLASSES_SHOWN]
    ]
    more = [f"  and {len(low) - _CLASSES_SHOWN} more"] if len(low) > _CLASSES_SHOWN else []
    return "\n".join([f"{len(low)} of {len(found)} classes pass less often, beyond chance:", *lines, *more])


def _open_set(found: Results, good: _Good, threshold: Threshold) -> str:
    """What the threshold does on the sets of the test that it was taken from, where the ID set has labels."""
    own = found.of_set(found.set_names[0])
    right = found.pred_label[own] == found.gt_label[own]
    if (found.gt_label[own] == results.NO_LABEL).any():
        return ""
    cut = threshold.calibration.accept.value
    lines = [f"  {'':<20}  {'passes, right':>13}  {'refused':>8}  {'harmonic':>8}  {'OSCR':>8}"]
    for name in found.set_names[1:]:
        others = found.values(good.score, name)
        rates = kept_and_refused(right, good.values > cut, others > cut)
        known, unknown, harmonic, area = *rates.values(), oscr(good.values, right, others)
        lines.append(f"  {name:<20}  {known:>13.4f}  {unknown:>8.4f}  {harmonic:>8.4f}  {area:>8.4f}")
    return "\n".join(
        ["On the sets of this test, whose ID images are those of the threshold (fractions):", *lines,
         f"AURC of the ID images: {aurc(good.values, ~right):.4f} (lower is better)", ""]
    )  # fmt: skip
