"""A baked detector without PyTorch: this one file, NumPy, Pillow and onnxruntime.

    detector = Detector("folder")
    (one,) = detector("photo.jpg")
    print(one["decision"], one["pred_class"], one["against"])

or ``python detector.py photo.jpg …`` in the folder. The first pictures through it are its own, so that a decoder,
a resize filter or a runtime that gives other numbers than where it was made stops it before yours.
"""

import base64
import hashlib
import io
import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, UnidentifiedImageError

VERSION = 1
"""Of the folder's format."""

MODEL, FACTS, THRESHOLD, SUMS = "detector.onnx", "detector.json", "threshold.json", "SHA256SUMS"
PROBES, EXPECTED = "probe", "probe.npz"
MAX_ASPECT_RATIO = 200
"""A longer strip would be blown up with its short edge: 1 x 400,000 pixels to 224 x 89,600,000, which is 60 GB."""

IN, REVIEW, OUT = "in", "review", "out"
"""The decisions: one of the classes, for a person to look at, none of the classes."""

_DEEP_MODES = {
    "JPEG2000": ("I;16",),
    "PNG": ("I", "I;16"),
    "PPM": ("I",),
    "TIFF": ("I;16", "I;16B", "I;16L", "I;16N"),
}
"""Formats and modes of grey pictures above 8 bits whose white is known, over all versions of Pillow.

TIFF's "I" has 32 bits or a sign, and FITS, SPIDER and PFM hold measurements.
"""
_BITS_PER_SAMPLE, _WHITE_IS_ZERO = 258, 262
"""TIFF's tags of the depth, 12 or 16 here, and of the meaning of 0, where 0 says white."""


Loaded = tuple[NDArray[np.uint8] | None, str | None]
"""RGB (H, W, 3), or why there is none."""


class DetectorError(ValueError):
    """A folder is no detector, or not the one that was made; a picture cannot be read."""


# ---- Pictures: to RGB, and to the size that the tower was trained on. The package loads by these very functions. ----


def decoded(data: bytes) -> NDArray[np.uint8]:
    """RGB (H, W, 3) of what a picture's file holds: its first frame, its EXIF orientation ignored."""
    with opened(data) as picture:
        return np.array(to_rgb(picture, picture))


def opened(data: bytes) -> Image.Image:
    """The picture in a file's bytes, not yet decoded.

    Raises:
        DetectorError: it is a strip.
    """
    picture = Image.open(io.BytesIO(data))
    _check_sides(*picture.size)
    return picture


def checked_picture(picture: Image.Image) -> NDArray[np.uint8]:
    """RGB (H, W, 3) of a PIL picture.

    Raises:
        DetectorError: it is empty, a strip, or nobody knows which of its numbers is white.
    """
    _check_sides(*picture.size)
    return np.array(to_rgb(picture, picture))


def checked_array(array: NDArray) -> NDArray[np.uint8]:
    """RGB (H, W, 3) of an array in RGB or grey.

    Raises:
        DetectorError: it is neither, not of uint8, empty, or a strip.
    """
    shape = array.shape
    if array.dtype != np.uint8 or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)) or not array.size:
        raise DetectorError(
            f"an array of {array.dtype} {shape}: give RGB (H, W, 3) or grey (H, W) of uint8, from 0 to 255"
        )
    _check_sides(shape[1], shape[0])
    return array if array.ndim == 3 else np.dstack([array] * 3)


def _check_sides(width: int, height: int) -> None:
    if not width or not height:
        raise DetectorError(f"{width} x {height} pixels, which is no picture")
    if max(width, height) > MAX_ASPECT_RATIO * min(width, height):
        raise DetectorError(f"{width} x {height} pixels, more than {MAX_ASPECT_RATIO} times as long as broad")


def to_rgb(image: Image.Image, opened: Image.Image) -> Image.Image:
    """Convert a picture to mode RGB.

    Pictures with 8 bits are converted by Pillow. Of deeper grey ones the upper 8 bits are taken, as Pillow does with
    16-bit colours and OpenCV with both.

    Args:
        image: The picture, or ``opened`` turned.
        opened: As ``Image.open`` returns it; it knows the format of the file.

    Raises:
        DetectorError: Nobody knows which of its numbers is white.
    """
    if image.mode != "F" and not image.mode.startswith("I"):
        return image.convert("RGB")
    if image.mode not in _DEEP_MODES.get(opened.format, ()):
        raise DetectorError(
            f"{opened.format} with pixels of mode {image.mode} does not say which number is white; "
            "save it with 8 bits, or 16 without a sign"
        )
    tags = opened.tag_v2 if opened.format == "TIFF" else {}
    bits = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    grey = (np.asarray(image) >> (bits - 8)).astype(np.uint8)
    return Image.fromarray(255 - grey if tags.get(_WHITE_IS_ZERO) == 0 else grey).convert("RGB")


def why_unread(data: bytes | None, error: Exception) -> str:
    """In a few words on one line why ``data``, None where there is no file, could not be decoded."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture that Pillow can read" if data else "the file is empty"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:300] or type(error).__name__


def fit(
    picture: Image.Image,
    size: tuple[int, int],
    resize_mode: str,
    interpolation: str,
    resized_to: tuple[int, int] | None = None,
) -> Image.Image:
    """An RGB ``picture`` at ``size`` (height, width), as open_clip's evaluation transforms make it, to the last bit.

    But for "shortest" and a size that is not square: there open_clip resizes by "bicubic" whatever the weights state,
    and this by ``interpolation``, a filter of Pillow's. The short edge becomes that of ``size`` ("shortest"), or the
    long one does ("longest", the rest is black), or both do ("squash"); of ``resized_to`` in its place, where that is
    given, ``size`` is then cut out of the middle.
    """
    height, width = size
    resample = Image.Resampling[interpolation.upper()]
    scaled = picture.resize(_scaled(picture, resized_to or size, resize_mode), resample)
    left, top = _start(scaled.width, width), _start(scaled.height, height)
    return scaled.crop((left, top, left + width, top + height))  # Pillow fills with black what lies outside


def _scaled(picture: Image.Image, size: tuple[int, int], resize_mode: str) -> tuple[int, int]:
    """Width and height before cutting or padding."""
    (height, width), sides = size, (picture.width, picture.height)
    if resize_mode == "squash":
        return width, height
    if resize_mode == "shortest" and height == width:  # torchvision's Resize, which rounds down
        return tuple(int(width * side / min(sides)) for side in sides)
    choose = max if resize_mode == "longest" else min
    ratio = choose(picture.width / width, picture.height / height)
    return tuple(round(side / ratio) for side in sides)


def _start(given: int, wanted: int) -> int:
    """Where a centred window of ``wanted`` begins; below 0 where it is the larger. Rounded as open_clip rounds."""
    return round((given - wanted) / 2) if given > wanted else -((wanted - given) // 2)


# ---- Decisions. The package decides by these very functions. ----


def decide(scores: ArrayLike, accept: float, refuse: float | None = None) -> list[str]:
    """For each of (N,) scores "in" above ``accept``, "out" up to ``refuse`` or ``accept``, "review" in between."""
    scores = np.asarray(scores, dtype=np.float64)
    between = np.where(scores > (accept if refuse is None else refuse), REVIEW, OUT)
    return np.where(scores > accept, IN, between).tolist()


def p_values(scores: ArrayLike, kept: NDArray[np.float32], n: int) -> NDArray[np.float64]:
    """(1 + how many of n calibration scores are at most as high) / (n + 1), of (N,) scores.

    ``kept`` are those scores, ascending, or some of them in equal steps with the last; then counts are rounded up.
    NaN of NaN, which sorts above every score and would seem the best of all.
    """
    scores = np.asarray(scores, dtype=np.float64)
    at_most = np.searchsorted(kept, scores, side="right")
    counts = np.append(ranks(n, len(kept)) - 1, n)  # at most so many lie up to a score that j of the kept ones do
    return np.where(np.isnan(scores), np.nan, (1 + counts[at_most]) / (n + 1))


def ranks(n: int, kept: int) -> NDArray[np.int64]:
    """Which order statistics of n are kept, counted from 1: all, or so many in equal steps with the last."""
    return -(-np.arange(1, kept + 1, dtype=np.int64) * n // kept)


# ---- The folder. ----


class Detector:
    """A folder that ``python -m mmneglabel export`` wrote, ready to decide.

    Args:
        folder: the folder.
        providers: onnxruntime's execution providers; None is the CPU.
        expect: the detector's name (``id``), where you know it from elsewhere. Whoever alters a folder can write sums
            that fit again, but not to this name.

    Raises:
        DetectorError: a file is missing, altered or unlisted, the format or the name is another, its own pictures give
            other numbers here than where it was made, or onnxruntime is missing.
    """

    def __init__(self, folder: str | Path, providers: Sequence[str] | None = None, expect: str | None = None) -> None:
        self.folder = Path(folder).expanduser()
        try:
            self._open(providers, expect)
        except DetectorError:
            raise
        except Exception as error:  # sums that fit promise no kinds of fields: each fails where it is first used
            why = f"{type(error).__name__}: {why_unread(None, error)}"
            raise DetectorError(f"{self.folder} cannot be opened ({why}): export it again") from error

    def _open(self, providers: Sequence[str] | None, expect: str | None) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise DetectorError("Opening it wants onnxruntime: pip install onnxruntime") from error

        self.id, self._names = _verified(self.folder)
        if expect is not None and expect != self.id:
            raise DetectorError(f"{self.folder} holds {self.id}, and {expect} is expected: get that one again")
        self.facts = _json(self.folder / FACTS)
        if self.facts.get("version") != VERSION:
            raise DetectorError(f"{FACTS} is of version {self.facts.get('version')}, and this file reads {VERSION}")
        try:
            self._session = onnxruntime.InferenceSession(
                self.folder / MODEL, providers=providers or ["CPUExecutionProvider"]
            )
        except Exception as error:  # its own kinds
            raise DetectorError(f"{MODEL} cannot be read ({why_unread(None, error)})") from error
        self._check_metadata()
        self.threshold = self._threshold()
        self.classes: list[str] = self.facts["classes"]
        self._probe()

    def __call__(self, pictures: Any, batch_size: int = 32) -> list[dict[str, Any]]:
        """A result a picture: path, folder, bytes, PIL picture, RGB array (H, W, 3) of uint8, or a list of such.

        The same fields as ``mmneglabel.apis.NegLabelInferencer`` gives.
        """
        sources, results = list(_sources(pictures)), []
        for start in range(0, len(sources), batch_size):
            batch = sources[start : start + batch_size]
            results += self.results([name for name, _ in batch], [loaded(*one) for one in batch])
        return results

    def results(self, names: Sequence[str], pictures: Sequence[Loaded]) -> list[dict[str, Any]]:
        """A result a picture of one batch, from what :func:`loaded` gives."""
        shown = [self.pixels(rgb) for rgb, error in pictures if not error]
        found = self.run(np.stack(shown)) if shown else {}
        row, results = 0, []
        for name, (rgb, error) in zip(names, pictures, strict=True):
            if error:
                results.append({**dict.fromkeys(FIELDS), "image": name, "error": error})
                continue
            result = self._result({key: rows[row] for key, rows in found.items()})
            results.append({"image": name, **result, "width": rgb.shape[1], "height": rgb.shape[0]})
            row += 1
        return results

    def pixels(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What the network is shown of RGB (H, W, 3)."""
        facts = self.facts["pixels"]
        cut = facts.get("resized_to")
        fitted = fit(
            Image.fromarray(rgb), tuple(facts["size"]), facts["resize_mode"], facts["interpolation"], cut and tuple(cut)
        )
        return np.asarray(fitted)

    def run(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray]:
        """What the network gives for pixels (N, H, W, 3)."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, {"pixels": pixels}), strict=True))

    def _result(self, found: Mapping[str, NDArray]) -> dict[str, Any]:
        """What the network gave for one picture, as plain values."""
        result = dict.fromkeys(FIELDS[1:])
        label, log_odds = int(found["prob"].argmax()), float(found["log_odds"])
        result |= {"pred_label": label, "pred_class": self.classes[label], "pred_score": float(found["prob"][label])}
        result |= {"ood_score": 1 / (1 + np.exp(-log_odds)), "log_odds": log_odds}
        if self.threshold:
            cuts = (self.threshold["accept"]["value"], (self.threshold["refuse"] or {}).get("value"))
            result["decision"] = decide([log_odds], *cuts)[0]
            result["p_value"] = float(p_values([log_odds], self._kept, self.threshold["n"])[0])
        for key, words in (("for", self.classes), ("against", self.facts["negatives"])):
            pairs = zip(found[f"{key}_words"], found[f"{key}_shares"], strict=True)
            result[key] = [(words[int(place)], float(share)) for place, share in pairs]
        return result

    def _check_metadata(self) -> None:
        """The network says itself what it is, since files part from folders."""
        inside = self._session.get_modelmeta().custom_metadata_map
        told = {"mmneglabel": self.facts["detector"], "classes": self.facts["classes"], "pixels": self.facts["pixels"]}
        if any(json.loads(inside.get(key, "null")) != value for key, value in told.items()):
            raise DetectorError(f"{MODEL} is of another detector than {FACTS}")

    def _threshold(self) -> dict[str, Any] | None:
        """What was calibrated, if it was."""
        if THRESHOLD not in self._names:
            return None
        threshold = _json(self.folder / THRESHOLD)
        if threshold["detector"] != self.facts["detector"]:
            raise DetectorError(f"{THRESHOLD} is of another detector than {FACTS}")
        content = {name: value for name, value in threshold.items() if name != "sha256"}
        if hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest() != threshold["sha256"]:
            raise DetectorError(f"{THRESHOLD} was edited since it was written: calibrate and export again")
        self._kept = np.frombuffer(base64.b64decode(threshold["calibration_scores"]), dtype="<f4")
        return threshold

    def _probe(self) -> None:
        """Its own pictures must be read, resized and scored here as where it was made."""
        pixels, log_odds = self._expected()
        # What is listed, since a listing of the folder may hold what nobody compared with a sum.
        names = sorted(name for name in self._names if name.startswith(f"{PROBES}/"))
        if not names:
            raise DetectorError(f"{SUMS} lists no pictures in {PROBES}/ to try it on: export it again")
        shown = np.stack([self.pixels(self._probe_picture(name)) for name in names])
        if pixels.shape != shown.shape or log_odds.shape != shown.shape[:1]:
            raise DetectorError(
                f"{EXPECTED} holds pixels {pixels.shape} and log-odds {log_odds.shape}, and the pictures in {PROBES}/ "
                f"are {shown.shape}: export it again"
            )
        if (moved := int(np.abs(shown.astype(int) - pixels).max())) > self.facts["probe"]["levels"]:
            raise DetectorError(
                f"Pictures come out otherwise here than where this was made, by {moved} levels of 255: Pillow "
                f"{Image.__version__} here, {self.facts['versions']['pillow']} there"
            )
        if (
            not (moved := float(np.abs(self.run(shown)["log_odds"] - log_odds).max()))
            <= self.facts["probe"]["log_odds"]
        ):
            raise DetectorError(
                f"Its own pictures score otherwise here than where this was made, by {moved:.3g} log-odds where "
                f"{self.facts['probe']['log_odds']:.3g} is allowed: try another provider of onnxruntime"
            )

    def _expected(self) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
        """What its own pictures became where it was made: pixels and log-odds."""
        try:
            with np.load(self.folder / EXPECTED, allow_pickle=False) as expected:
                pixels, log_odds = expected["pixels"], expected["log_odds"]
        except Exception as error:  # zip's, zlib's and NumPy's own kinds
            raise DetectorError(f"{EXPECTED} cannot be read ({why_unread(None, error)}): export it again") from error
        if pixels.dtype.kind not in "iu" or log_odds.dtype.kind != "f":
            raise DetectorError(
                f"{EXPECTED} holds pixels of {pixels.dtype} and log-odds of {log_odds.dtype}, not integers and floats: "
                "export it again"
            )
        return pixels, log_odds

    def _probe_picture(self, name: str) -> NDArray[np.uint8]:
        data = (self.folder / name).read_bytes()
        try:
            return decoded(data)
        except Exception as error:  # damaged files raise nearly anything
            raise DetectorError(f"{name} cannot be read ({why_unread(data, error)}): export it again") from error


FIELDS = (
    "image", "pred_label", "pred_class", "pred_score", "ood_score", "log_odds", "p_value", "decision", "for", "against",
    "width", "height", "note", "error",
)  # fmt: skip
"""What a result holds."""


def digest_of(sums: str) -> str:
    """The detector's name, from the text of its SHA256SUMS."""
    return f"neglabel-{hashlib.sha256(sums.encode()).hexdigest()[:12]}"


def _verified(folder: Path) -> tuple[str, frozenset[str]]:
    """The detector's name and its files' names, once each is the one that was written, and there is no other.

    Raises:
        DetectorError: one is not.
    """
    if not (folder / SUMS).is_file():
        raise DetectorError(f"{folder} holds no {SUMS}: it is no detector, or only a part of one")
    try:
        sums = (folder / SUMS).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DetectorError(f"{SUMS} was altered on the way: it is no UTF-8 ({error})") from error
    listed = _listed(sums)
    for name, digest in listed.items():
        path = folder / name
        if not _is_own(folder, name):
            raise DetectorError(f"{SUMS} lists {name!r}, which is no file of the folder's own")
        if not path.is_file():
            raise DetectorError(f"{name} is missing")
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise DetectorError(f"{name} was altered since it was written, or damaged on the way")
    if unlisted := sorted(_there(folder) - listed.keys() - {SUMS}):
        raise DetectorError(f"{unlisted[0]} is not listed in {SUMS}: take it away")
    if missing := {MODEL, FACTS, EXPECTED} - listed.keys():
        raise DetectorError(f"{SUMS} does not list {', '.join(sorted(missing))}")
    return digest_of(sums), frozenset(listed)


def _listed(sums: str) -> dict[str, str]:
    """Digests by name."""
    listed = {}
    for line in sums.splitlines():
        digest, _, name = line.partition("  ")
        if name in listed:  # of two digests, other tools may go by the other
            raise DetectorError(f"{SUMS} lists {name!r} twice: get the folder again")
        listed[name] = digest
    return listed


def _is_own(folder: Path, name: str) -> bool:
    """Whether a name leads to where it says, inside the folder: by no link, and by no second spelling."""
    try:
        return bool(name) and (folder / name).resolve() == folder.resolve() / name and ".." not in Path(name).parts
    except (OSError, ValueError):  # a NUL in it, a loop of links
        return False


def _there(folder: Path) -> set[str]:
    """Every file and link of the folder, and every folder with nothing in it; but for what Python left of itself."""
    there = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_dir():
            if not (name.count("/") == 1 and name.startswith("__pycache__/") and name.endswith(".pyc")):
                there.add(name)
        elif name != "__pycache__" and not any(path.iterdir()):
            there.add(name)
    return there


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DetectorError(f"{path.name} is no JSON ({error})") from error
    if not isinstance(content, dict):
        raise DetectorError(f"{path.name} holds a {type(content).__name__}, and no fields by name: export it again")
    return content


def _sources(pictures: Any, number: int = 0) -> Iterator[tuple[str, Any]]:
    """Pictures with their names."""
    single = isinstance(pictures, str | Path | bytes | bytearray | np.ndarray | Image.Image)
    for one in [pictures] if single or not isinstance(pictures, Iterable) else pictures:
        if isinstance(one, str | Path) and Path(one).is_dir():
            yield from ((str(path), path) for path in sorted(Path(one).rglob("*")) if path.is_file())
        else:
            yield (str(one) if isinstance(one, str | Path) else f"#{number}"), one
        number += 1


def loaded(name: str, source: Any) -> Loaded:
    """RGB (H, W, 3) of a path, bytes, a PIL picture or an array, or why there is none; of an error, that."""
    data = None
    try:
        if isinstance(source, Exception):
            raise source
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, of odd metadata: what it cannot read, it raises for
            if isinstance(source, Image.Image):
                return checked_picture(source), None
            if isinstance(source, np.ndarray):
                return checked_array(source), None
            data = bytes(source) if isinstance(source, bytes | bytearray) else Path(source).read_bytes()
            return decoded(data), None
    except Exception as error:  # damaged files raise nearly anything
        return None, f"{name}: {why_unread(data, error)}"


if __name__ == "__main__":
    try:
        for line in Detector(Path(__file__).parent)(sys.argv[1:]):
            print(json.dumps(line, ensure_ascii=False))
    except DetectorError as problem:
        sys.exit(f"error: {problem}")
