"""A detector baked into a folder that runs without PyTorch, and proves itself when it is loaded."""

import hashlib
import json
import logging
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from mmneglabel import runtime
from mmneglabel.apis.graph import OUTPUTS, DetectorGraph, HeadGraph, TowerGraph
from mmneglabel.apis.inferencer import NegLabelInferencer
from mmneglabel.apis.inputs import Picture
from mmneglabel.calibration import detector_facts
from mmneglabel.errors import ConfigError, DataError, one_line, one_of
from mmneglabel.scores import NegLabelScore
from mmneglabel.storage.text_files import write_atomically

FORMATS, PRECISIONS = ("onnx", "torch-export"), ("fp32", "fp16")
OPSET = 20
BATCHES = (1, 2, 3, 17, 64)
"""Numbers of pictures that the written network is run on, since an exporter may fix the one that it saw."""

_MOST = {
    "fp32": {"log_odds": 5e-4, "score": 1e-5, "flips": 0, "labels": 0},
    "fp16": {"log_odds": 0.5, "score": 5e-3, "flips": 2e-3, "labels": 0.01},
}
"""How far a baked detector may be from this one: absolute differences, the shares of decisions and labels that flip."""

_README = """\
# {name}

Says of a picture which of {classes} classes it is, and whether it is any of them, by {score} with
{negatives:,} negative words. Made with mmneglabel {version}.

    pip install numpy pillow onnxruntime
    python detector.py photo.jpg

or `from detector import Detector; Detector(".")("photo.jpg")`. A file that was altered, and a machine on which its own
pictures come out otherwise, are refused when it is loaded.

{threshold}

`detector.onnx` takes `pixels`, uint8 (batch, {height}, {width}, 3) in RGB. `head.onnx` takes unit-norm `features` of
the same image tower (SHA-256 {tower}…). Resize as `detector.json` says: `probe.npz` has the pixels that the pictures
in `probe/` become. Run with onnxruntime {onnxruntime} on a CPU: of {images} pictures the log-odds are within
{log_odds:.2g} of PyTorch's, and {flips} decisions are others. Calibrate on your own pictures before you trust one.
"""


@dataclass(frozen=True)
class Checked:
    """How a baked detector compares with the one that it was made from, over so many pictures from file to decision.

    Attributes:
        images: how many.
        log_odds: the largest difference.
        score: the largest difference of the share.
        flips: how many decisions are others; 0 without a threshold.
    """

    images: int
    log_odds: float
    score: float
    flips: int


def export(
    detector: NegLabelInferencer,
    out: str | Path,
    images: Sequence[Picture] = (),
    kind: str = "onnx",
    precision: str = "fp32",
    static: bool = False,
) -> Checked:
    """Write ``detector`` to the folder ``out``, once all of it is shown to give the same; else nothing is left there.

    Args:
        detector: with its threshold, if it is to decide; on the CPU.
        out: a folder that does not exist yet.
        images: pictures to compare both on; fewer than 64 are filled up with noise.
        kind: "onnx", or "torch-export", which adds ``detector.pt2`` for PyTorch.
        precision: "fp32", or "fp16" of the image tower alone: the head's sums overflow in it.
        static: whether to add ``static.onnx``: one picture at a time, as normalised floats (1, 3, H, W).

    Raises:
        ConfigError: the score cannot be baked, the folder exists, or a package is missing.
        DataError: the baked one gives other numbers, or decides otherwise.
    """
    _check_packages()
    one_of(detector, FORMATS, format=kind)
    one_of(detector, PRECISIONS, precision=precision)
    if detector.baked:
        raise ConfigError(f"{detector.baked.folder} is baked already: copy it")
    if detector.classifier or detector.model.labeller:
        raise ConfigError("A classifier of its own labels here, and is not baked along: leave it out")
    if detector.model.turns_pictures:
        raise ConfigError("The pipeline turns pictures by their EXIF tag, which baked detectors do not: leave it out")
    if type(detector.model.scores[detector.score]) is not NegLabelScore:
        raise ConfigError(
            f"{detector.score!r} is no NegLabelScore, and no other can be baked: some ask the text tower for every "
            "picture"
        )
    out = Path(out).expanduser()
    if out.exists():
        raise ConfigError(f"{out} exists: choose another folder, or take it away")
    with _whole(out) as folder:
        return _Export(detector, folder, kind, precision, static).run(images)


class _Export:
    """One export, into a folder that nobody sees before it is whole."""

    def __init__(self, detector: NegLabelInferencer, folder: Path, kind: str, precision: str, static: bool) -> None:
        self.detector, self.folder, self.kind, self.precision, self.static = detector, folder, kind, precision, static
        self.size = detector.model.backbone.preprocessing.size
        self.tower = TowerGraph(detector.model).eval().requires_grad_(False)
        self.head = HeadGraph(detector.model, detector.score).eval().requires_grad_(False)
        self.facts = {
            "version": runtime.VERSION,
            "score": detector.score,
            "classes": list(detector.classes),
            "negatives": self._negatives(),
            "pixels": detector.model.preprocessing.stated(),
            "detector": detector_facts(detector.model.facts(), detector.score),
            "precision": precision,
            "opset": OPSET,
            "versions": _onnxruntime() | {name: version(name) for name in ("mmneglabel", "torch", "onnx", "pillow")},
        }

    def run(self, images: Sequence[Picture]) -> Checked:
        """Write, compare, and say how far apart both are."""
        self._networks()
        probes = _probes(self.folder / runtime.PROBES, self.size)
        shown = np.stack([_fitted(path, self.facts["pixels"]) for path in probes])
        log_odds = np.array([one["log_odds"] for one in self.detector(probes)])
        np.savez(self.folder / runtime.EXPECTED, pixels=shown, log_odds=log_odds)
        if self.detector.threshold:
            self.detector.threshold.save(self.folder / runtime.THRESHOLD)
        shutil.copy(runtime.__file__, self.folder / "detector.py")
        # Loaded with room to compare, then closed to what was seen.
        self._write_facts({"levels": 1, "log_odds": 1.0})
        baked = runtime.Detector(self.folder)
        checked = self._compare(baked, [*images, *_noise(64 - len(images), self.size)])
        self._compare_files(baked, shown)
        self._write_facts({"levels": 1, "log_odds": max(10 * checked.log_odds, 0.01)}, checked)
        return checked

    def _networks(self) -> None:
        """``detector.onnx``, ``head.onnx`` and what else was asked for."""
        pixels = torch.zeros(2, *self.size, 3, dtype=torch.uint8)
        features = torch.nn.functional.normalize(torch.ones(2, self.detector.model.backbone.embed_dim), dim=-1)
        whole = DetectorGraph(self.tower, self.head)
        head = _onnx(self.head, features, "features", [name for name in OUTPUTS if name != "features"])
        if self.precision == "fp16":
            network = _half(_onnx(self.tower, pixels, "pixels", ["features"]), head)
        else:
            network = _onnx(whole, pixels, "pixels", OUTPUTS)
        self._save(network, runtime.MODEL)
        self._save(head, "head.onnx")
        if self.static:
            plain = DetectorGraph(self.tower, self.head, plain=True)
            self._save(_onnx(plain, torch.zeros(1, 3, *self.size), "pixels", OUTPUTS, dynamic=False), "static.onnx")
        if self.kind == "torch-export":
            torch.export.save(
                torch.export.export(whole, (pixels,), dynamic_shapes=(_BATCH,)), self.folder / "detector.pt2"
            )

    def _save(self, network: Any, name: str) -> None:
        """With what it is inside it, since files part from folders."""
        import onnx

        inside = {"mmneglabel": json.dumps(self.facts["detector"]), "classes": json.dumps(self.facts["classes"])}
        onnx.helper.set_model_props(network, {**inside, "pixels": json.dumps(self.facts["pixels"])})
        onnx.checker.check_model(network, full_check=True)
        onnx.save(network, self.folder / name)

    def _negatives(self) -> list[str]:
        """In the order of the head's groups."""
        words = self.detector.model.share_words()["negatives"]
        return [words[place] for place in self.head.order.flatten().tolist()]

    def _compare(self, baked: runtime.Detector, images: Sequence[Picture]) -> Checked:
        """From file to decision, in batches of all sizes."""
        ours = self.detector([picture.source for picture in images])
        theirs, start = [], 0
        for size in cycle(BATCHES):
            theirs += baked([picture.source for picture in images[start : start + size]], batch_size=size)
            if (start := start + size) >= len(images):
                break
        read = [(one, other) for one, other in zip(ours, theirs, strict=True) if not one["error"]]
        if [one["error"] is None for one in ours] != [other["error"] is None for other in theirs] or not read:
            raise DataError("The baked detector reads other pictures than this one, or none: nothing is written")
        log_odds, score = (
            float(np.abs([one[name] - other[name] for one, other in read]).max()) for name in ("log_odds", "ood_score")
        )
        flips = sum(one["decision"] != other["decision"] for one, other in read)
        checked = Checked(len(read), log_odds, score, flips)
        limits = _MOST[self.precision]
        others = sum(one["pred_label"] != other["pred_label"] for one, other in read)
        seen = {"log_odds": log_odds, "score": score, "flips": flips / len(read), "labels": others / len(read)}
        if far := [f"{name} by {seen[name]:.3g}, where {limit:.3g} is allowed" for name, limit in limits.items()
                   if not seen[name] <= limit]:  # fmt: skip
            raise DataError(f"The baked detector differs from this one: {'; '.join(far)}. Nothing is written")
        return checked

    def _compare_files(self, baked: runtime.Detector, pixels: NDArray[np.uint8]) -> None:
        """The other networks of the folder, on the pixels of the probes (N, H, W, 3)."""
        from onnxruntime import InferenceSession

        found = baked.run(pixels)
        floats = self.tower.normalise(torch.from_numpy(pixels)).numpy()
        given = {"head.onnx": InferenceSession(self.folder / "head.onnx").run(None, {"features": found["features"]})[0]}
        if self.static:
            static = InferenceSession(self.folder / "static.onnx")
            given["static.onnx"] = np.concatenate([static.run(None, {"pixels": one[None]})[0] for one in floats])
        if self.kind == "torch-export":
            program = torch.export.load(self.folder / "detector.pt2").module()
            given["detector.pt2"] = program(torch.from_numpy(pixels))[0].numpy()
        limit = _MOST[self.precision]["log_odds"]
        if far := [name for name, log_odds in given.items() if not np.abs(log_odds - found["log_odds"]).max() <= limit]:
            raise DataError(
                f"{far[0]} gives other log-odds than {runtime.MODEL} on the same pixels: nothing is written"
            )

    def _write_facts(self, probe: Mapping[str, float], checked: Checked | None = None) -> None:
        """``detector.json``, what people read, and the digests of all."""
        seen = checked or Checked(0, 0, 0, 0)
        facts = {**self.facts, "probe": probe, "checked": vars(seen)}
        write_atomically(self.folder / runtime.FACTS, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
        threshold = self.detector.threshold
        said = threshold.said() if threshold else "No threshold was calibrated, so it scores and decides nothing."
        versions = self.facts["versions"]
        text = _README.format(
            name=f"{self.facts['score']}, {len(self.facts['classes'])} classes", classes=len(self.facts["classes"]),
            score=self.facts["score"], negatives=len(self.facts["negatives"]), version=versions["mmneglabel"],
            threshold=said, height=self.size[0], width=self.size[1], tower=self.facts["detector"]["image_tower"][:12],
            onnxruntime=versions["onnxruntime"], images=seen.images, log_odds=seen.log_odds, flips=seen.flips,
        )  # fmt: skip
        write_atomically(self.folder / "README.md", text)
        write_atomically(self.folder / "NOTICE", self._notice())
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name != runtime.SUMS)
        sums = (f"{_digest(path)}  {path.relative_to(self.folder).as_posix()}\n" for path in files)
        write_atomically(self.folder / runtime.SUMS, "".join(sums))

    def _notice(self) -> str:
        bank = self.detector.model.facts()["banks"]
        words = "; ".join(dict.fromkeys(str(recipe.get("words", "none")) for recipe in bank.values()))
        return (
            f"Words: {words}. Image tower: {type(self.detector.model.backbone).__name__}, "
            f"{self.facts['detector']['image_tower']}.\nThe licences of both hold for this folder too.\n"
        )


def _onnxruntime() -> dict[str, str]:
    """Its version: its distributions have several names."""
    import onnxruntime

    return {"onnxruntime": onnxruntime.__version__}


def _check_packages() -> None:
    """What exporting wants beside PyTorch."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401 - which torch.onnx would miss later
    except ImportError as error:
        raise ConfigError(f"Exporting wants {error.name}: pip install 'mmneglabel[export]'") from error


_BATCH = {0: torch.export.Dim("batch", min=1, max=4096)}


def _onnx(module: nn.Module, example: Tensor, name: str, outputs: Sequence[str], dynamic: bool = True) -> Any:
    """The ONNX network of a module, whatever the number of rows.

    Raises:
        ConfigError: PyTorch cannot export the module.
        DataError: the number of rows was fixed.
    """
    shapes = {"dynamic_shapes": (_BATCH,)} if dynamic else {}
    settings = {"input_names": [name], "output_names": [*outputs], "opset_version": OPSET, "external_data": False}
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(module, (example,), dynamo=True, verbose=False, **settings, **shapes)
    except Exception as error:  # of many kinds, thirty lines long
        raise ConfigError(f"PyTorch cannot export {type(module).__name__} ({one_line(error)})") from error
    network = program.model_proto
    if dynamic and not network.graph.input[0].type.tensor_type.shape.dim[0].dim_param:
        raise DataError(f"PyTorch exported {type(module).__name__} for one number of pictures alone")
    return network


def _half(tower: Any, head: Any) -> Any:
    """The tower in half precision before the head in single: whole graphs so converted overflow, or are invalid."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    tower = convert_float_to_float16(tower, keep_io_types=True)
    head = onnx.compose.add_prefix(head, "head_", rename_outputs=False)  # lest edges of both have one name
    merged = onnx.compose.merge_models(tower, head, io_map=[("features", "head_features")], outputs=[*OUTPUTS])
    outputs = {output.name: output for output in merged.graph.output}
    del merged.graph.output[:]
    merged.graph.output.extend(outputs[name] for name in OUTPUTS)  # in the order of the other networks
    return merged


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter logs every second node."""
    logger = logging.getLogger("onnxscript")
    level, _ = logger.level, logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` that becomes it once all is well, and else goes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        yield part
        part.chmod(0o755)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _probes(folder: Path, size: tuple[int, int]) -> list[str]:
    """Pictures in which a wrong filter, cut, or order of channels shows: large, of odd sizes, with fine stripes."""
    folder.mkdir()
    noise = np.random.default_rng(0)
    height, width = size
    paths = []
    for number, (rows, columns) in enumerate(((3 * height + 5, 4 * width + 3), (5 * height + 2, 3 * width + 7), size)):
        ramp = np.linspace(0, 255, columns)[None, :, None] * np.array([1.0, 0.6, 0.2])
        stripes = 127.5 * (1 + np.sin(np.arange(rows) * (1.3 + number)))[:, None, None] * np.array([0.2, 0.5, 1.0])
        levels = 0.5 * ramp + 0.4 * stripes + 25 * noise.random((rows, columns, 3))
        paths.append(folder / f"{number}.png")
        Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(paths[-1])
    return [str(path) for path in paths]


def _noise(count: int, size: tuple[int, int]) -> list[Picture]:
    """So many pictures of noise, if any."""
    noise = np.random.default_rng(1)
    shapes = ((size[0] + 3 * i, 2 * size[1] - i, 3) for i in range(max(count, 0)))
    return [Picture(f"noise {i}", noise.integers(0, 256, shape, dtype=np.uint8)) for i, shape in enumerate(shapes)]


def _fitted(path: str, pixels: Mapping[str, Any]) -> np.ndarray:
    rgb = Image.fromarray(runtime.decoded(Path(path).read_bytes()))
    facts = {key: pixels[key] for key in ("size", "resize_mode", "interpolation", "resized_to") if key in pixels}
    return np.asarray(runtime.fit(rgb, **{key: tuple(v) if isinstance(v, list) else v for key, v in facts.items()}))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
