"""The way of a picture on the CPU, stage by stage against its floor: found, decoded, resized, packed, normalised."""

import gc
import os
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mmengine.dataset import default_collate
from mmpretrain.registry import MODELS, TRANSFORMS
from paired import Pairs, measure, parser, prepare, print_table, timed
from PIL import Image
from synthetic import find_images, write_empty_pictures

from mmneglabel.backbones import Preprocessing
from mmneglabel.datasets import OODBenchmark
from mmneglabel.datasets.pixels import tower_pipeline
from mmneglabel.models.preprocessor import tower_preprocessor
from mmneglabel.runtime import fit

MEAN, STD = (0.481, 0.458, 0.408), (0.269, 0.261, 0.276)


class Stage(NamedTuple):
    """Two ways to take a stage: its name and its floor's, how many pictures or files, and what the ratio should be."""

    name: str
    floor: str
    count: int
    ours: Callable[[], object]
    bare: Callable[[], object]
    aim: str


def scan_stage(args: Namespace, folder: Path) -> Stage:
    """From the configs of an ID set and an OOD set to a benchmark that is ready, against looking at every name."""
    id_set, ood_set = write_empty_pictures(folder, args.files, args.folders)
    id_config = {"name": "ID", "type": "ClassFolders", "data_root": str(id_set)}
    ood_config = {"name": "OOD", "type": "Pictures", "data_root": str(ood_set)}

    def walk() -> int:
        return sum(len(names) for root in (id_set, ood_set) for _, _, names in os.walk(root))

    return Stage("scan", "os.walk", walk(), lambda: OODBenchmark(id_config, [ood_config]), walk, "<= 5")


def picture_stages(args: Namespace, paths: list[Path]) -> Iterator[Stage]:
    """Decoding alone and with resizing, packing, and normalising."""
    facts = Preprocessing((args.size, args.size), MEAN, STD, "bicubic")
    load, resize, pack = map(TRANSFORMS.build, tower_pipeline(facts))

    def bare(path: Path) -> Image.Image:
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def each(step: Callable) -> Callable[[], object]:
        return lambda: [step(path) for path in paths]

    fitted = each(lambda path: resize(load({"img_path": str(path)})))
    bare_fitted = each(lambda path: np.array(fit(bare(path), facts.size, facts.resize_mode, facts.interpolation)))
    loaded = each(lambda path: load({"img_path": str(path)}))
    yield Stage("decode", "Pillow, to RGB", len(paths), loaded, each(bare), "")
    yield Stage("decode + resize", "Pillow, no arrays between", len(paths), fitted, bare_fitted, "<= 1.05")
    yield from batch_stages(args, facts, fitted(), pack)


def batch_stages(args: Namespace, facts: Preprocessing, fitted: list[dict], pack: Callable) -> Iterator[Stage]:
    """What becomes of pictures that are fitted."""
    stack = np.stack([results["img"] for results in fitted])

    def bare() -> torch.Tensor:
        return torch.from_numpy(stack).permute(0, 3, 1, 2).contiguous()

    yield Stage(
        "pack + collate",
        "one array turned",
        len(fitted),
        lambda: default_collate([pack(dict(results)) for results in fitted]),
        bare,
        "",
    )
    preprocessor = MODELS.build(tower_preprocessor(facts))
    batch = bare().repeat(-(-args.batch_size // len(fitted)), 1, 1, 1)[: args.batch_size].contiguous()

    def in_place() -> torch.Tensor:
        return batch.to(torch.float32, copy=True).sub_(preprocessor.mean).div_(preprocessor.std)

    def ours() -> torch.Tensor:
        return preprocessor({"inputs": batch, "data_samples": None}, False)["inputs"]

    if not torch.equal(ours(), in_place()):
        raise SystemExit("error: the two ways to normalise give other pixels")
    yield Stage("normalise", "in place", args.batch_size, ours, in_place, "<= 1.20")


def rows_of(stage: Stage, pairs: Pairs, last: bool) -> list[tuple[str, list[float], str]]:
    """Microseconds of both, a picture or a file, and their ratio."""
    scale = 1e6 / stage.count
    aim = f" (aim {stage.aim})" if stage.aim else ""
    name = f"ratio: {stage.name} / floor" if last else f"  {stage.name}: its ratio{aim}"
    return [
        (f"{stage.floor}, us", [scale * seconds for seconds in pairs.bare], ".2f"),
        (f"{stage.name}, us", [scale * seconds for seconds in pairs.ours], ".2f"),
        (name, list(pairs.ours_over_bare), ".2f"),
    ]


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=9)
    made.add_argument("--images", help="folder of photographs, searched at any depth; left out: generated ones")
    made.add_argument("--count", type=int, default=100, help="how many photographs to take or to generate")
    made.add_argument("--size", type=int, default=224, help="pixels a side for the tower")
    made.add_argument("--batch-size", type=int, default=256, help="pictures that are normalised at a time")
    made.add_argument("--files", type=int, default=20_000, help="files of each of the two sets that are looked for")
    made.add_argument("--folders", type=int, default=100, help="class folders of the first one")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = find_images(args, folder)[: args.count]
        gc.freeze()  # as the tools do
        stages = [scan_stage(args, folder), *picture_stages(args, paths)]
        rows = []
        for stage in stages:
            pairs = measure(timed(stage.ours), timed(stage.bare), args.pairs)
            rows += rows_of(stage, pairs, last=stage is stages[-1])
    kind = "given" if args.images else "generated"
    title = f"Image path: {len(paths)} {kind} photographs to {args.size} pixels, 2 x {args.files} files"
    print_table(title, rows, stages[-1].aim)


if __name__ == "__main__":
    main()
