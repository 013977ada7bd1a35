"""``threshold.json``: a calibrated threshold, for people to read, and bound to the detector that it was taken from."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmneglabel.calibration.threshold import CONFIDENCE, Calibration, Cut
from mmneglabel.errors import DataError
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.text_files import read_json, write_atomically

LOG_ODDS, SCORE = "log_odds", "score"
"""Units: of a score that is a share, log(S / (1 - S)); of others the score itself."""

_KIND, _VERSION = "threshold", 1
_FACTS = {
    "score": "other parameters of the score",
    "bank": "another bank of words and labels",
    "image_tower": "another image tower",
    "pixels": "other pixels",
}


def detector_facts(run: Mapping[str, Any], score: str) -> dict[str, Any]:
    """What decides the scores that a threshold is for, from a run's facts (``_run`` in ``metrics.json``).

    Raises:
        DataError: the run knows no such score, was made by a version that kept less, or in half precision, or with
            pixels that it does not state.
    """
    if run.get("autocast") or run.get("tf32"):
        raise DataError(
            "These images were tested in half precision or TF32, which no threshold is for: test without --amp, and "
            "without TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"
        )
    if isinstance(run.get("pixels"), str):
        raise DataError(
            "The pixels are as the pipelines make them (preprocessing_override='pipeline'), so no threshold can be "
            "bound to them: state what differs from the tower's, as dict(interpolation=...)"
        )
    try:
        facts = dict(run["scores"][score])
        bank = fingerprint(run["banks"][facts.pop("bank")])
        return {"score": facts, "bank": bank, "image_tower": run["image_tower"], "pixels": run["pixels"]}
    except KeyError as error:
        raise DataError(
            f"Nothing says what {score!r} was computed with ({error} is missing): test again, with a label-based score"
        ) from error


@dataclass(frozen=True, eq=False)
class Threshold:
    """A calibration and what it is for.

    Attributes:
        score: the row of the table.
        unit: "log_odds" or "score".
        calibration: the cut, and what p-values are taken from.
        detector: what decides the score, see :func:`detector_facts`.
        images: where the calibration images are from, as somebody said.
        date: of the calibration, as YYYY-MM-DD.
        versions: of the packages, by name.
    """

    score: str
    unit: str
    calibration: Calibration
    detector: Mapping[str, Any] = field(default_factory=dict)
    images: str = ""
    date: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    def check(self, detector: Mapping[str, Any]) -> None:
        """See that another detector's facts are those of this one's.

        Raises:
            DataError: they are not; says which.
        """
        if other := [said for name, said in _FACTS.items() if detector.get(name) != self.detector.get(name)]:
            raise DataError(
                f"The threshold of {self.score!r} was calibrated with {' and '.join(other)}: calibrate again, with "
                "this detector"
            )

    def said(self) -> str:
        """What it promises, in sentences for people."""
        found, accept = self.calibration, self.calibration.accept
        low, high = accept.interval(found.n)
        fewest, most = found.passing(1_000)
        fewest_flagged = found.fewest_flagged(1_000, 0.1)
        unit = "log-odds" if self.unit == LOG_ODDS else "score"
        lines = [f"{self.score}: an image is in where its {unit} is above {accept.value:.6g}."]
        if found.refuse:
            lines.append(f"It is out where that is at most {found.refuse.value:.6g}, and for review in between.")
        how = f"With {CONFIDENCE:.0%} confidence at least" if found.guarantee == "confident" else "On average"
        lines += [
            f"{how} {accept.share:.4g} of good images pass: from {low:.4f} to {high:.4f} of them ({CONFIDENCE:.0%} "
            f"interval, from {found.n:,} images).",
            f"Of 1,000 further good images {fewest} to {most} pass.",
            f"No p-value is below {1 / (found.n + 1):.3g}: with at most 10 % false alarms, "
            + (
                f"{fewest_flagged} or more of 1,000 images can be flagged, or none."
                if fewest_flagged <= 1_000
                else "none of 1,000 images can be flagged."
            ),
        ]
        made = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        lines.append(f"Calibrated {self.date} on {self.images}, with {made}.")
        digests = [
            f"{name} {str(self.detector[name])[:12]}" for name in ("bank", "image_tower") if name in self.detector
        ]
        return "\n".join([*lines, f"For no other detector: {', '.join(digests)}."])

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says."""
        return fingerprint(self._content())

    def save(self, path: str | Path) -> None:
        """Write the file, all of it or nothing."""
        content = self._content()
        text = json.dumps({**content, "sha256": fingerprint(content)}, indent=2, ensure_ascii=False)
        write_atomically(Path(path), text + "\n")

    def _content(self) -> dict[str, Any]:
        found, low_high = self.calibration, self.calibration.accept.interval(self.calibration.n)
        return {
            "kind": _KIND,
            "version": _VERSION,
            "score": self.score,
            "unit": self.unit,
            "n": found.n,
            "guarantee": found.guarantee,
            "accept": {**asdict(found.accept), "interval": low_high, "confidence": CONFIDENCE},
            "refuse": found.refuse and asdict(found.refuse),
            "detector": self.detector,
            "images": self.images,
            "date": self.date,
            "versions": self.versions,
            "calibration_scores": base64.b64encode(found.kept.astype("<f4").tobytes()).decode(),
        }


def load_threshold(path: str | Path) -> Threshold:
    """Read ``threshold.json``.

    Raises:
        DataError: it is none, of another version, or edited.
    """
    content = read_json(path, "threshold")
    try:
        if content["kind"] != _KIND or content["version"] != _VERSION:
            raise DataError(f"{path} holds no threshold that this version of mmneglabel reads: calibrate again")
        if content.pop("sha256") != fingerprint(content):
            raise DataError(f"{path} was edited since it was written: calibrate again, with other shares if need be")
        accept = {name: content["accept"][name] for name in ("value", "gap", "rank", "share")}
        refuse = content["refuse"] and Cut(**content["refuse"])
        kept = np.frombuffer(base64.b64decode(content["calibration_scores"]), dtype="<f4").astype(np.float32)
        found = Calibration(content["n"], content["guarantee"], Cut(**accept), refuse, kept)
        plain = {name: content[name] for name in ("score", "unit", "detector", "images", "date", "versions")}
        return Threshold(calibration=found, **plain)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} holds no threshold ({type(error).__name__}: {error}): calibrate again") from error
