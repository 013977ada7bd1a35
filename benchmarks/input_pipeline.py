"""The training DataLoader with jigsaws and several views against the same one without: views a second, and by stage."""

import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mmengine.dataset import default_collate
from paired import Pairs, measure, parser, prepare, print_table, timed
from PIL import Image
from torch.utils.data import DataLoader

from mmneglabel.datasets import EpochSampler, TrainingSet
from mmneglabel.datasets.files import PictureFiles, find_pictures


def generated(folder: Path, count: int, seed: int) -> Path:
    """A folder of JPEG files of CIFAR's size and weight: soft blobs of colour under a grain."""
    folder.mkdir()
    noise = np.random.default_rng(seed)
    for i in range(count):
        blobs = Image.fromarray(noise.integers(0, 256, (4, 4, 3), dtype=np.uint8)).resize((32, 32))
        grain = noise.normal(0, 6, (32, 32, 3))
        Image.fromarray(np.clip(np.asarray(blobs) + grain, 0, 255).astype(np.uint8)).save(folder / f"{i:05}.jpg")
    return folder


def id_folder(args: Namespace, folder: Path) -> Path:
    """Links to ``--count`` of the pictures, evenly chosen, as one class: labels cost nothing."""
    source = Path(args.images) if args.images else generated(folder / "generated", args.count, args.seed)
    found = find_pictures(source, PictureFiles())
    if not found:
        raise SystemExit(f"error: --images {source} holds no pictures")
    (folder / "id" / "class").mkdir(parents=True)
    for i, path in enumerate(found[:: max(1, len(found) // args.count)][: args.count]):
        (folder / "id" / "class" / f"{i:05}{Path(path).suffix}").symlink_to(Path(path).resolve())
    return folder / "id"


def augmentation(size: int) -> list[dict]:
    """TagFog's: random resized crop, flip, colour jitter, grey."""
    jitter = {"type": "torchvision/ColorJitter", "brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}
    return [
        {"type": "NumpyToPIL"},
        {"type": "torchvision/RandomResizedCrop", "size": size, "scale": (0.2, 1.0)},
        {"type": "torchvision/RandomHorizontalFlip"},
        {"type": "RandomApply", "prob": 0.8, "transforms": [jitter]},
        {"type": "torchvision/RandomGrayscale", "p": 0.2},
    ]


def training_set(args: Namespace, root: Path, jigsaws: int, views: int) -> TrainingSet:
    """The pictures, so many jigsaws of each, and so many views of all."""
    pipeline = [
        {"type": "LoadRGBImage"},
        {"type": "ShuffleTiles", "grid": args.grid, "size": args.jigsaw_size},
        {"type": "MultiView", "num_views": views, "transforms": [augmentation(args.size)]},
        {"type": "PackInputs"},
    ]
    id_set = {"type": "ClassFolders", "data_root": str(root), "class_list": ["class"]}
    return TrainingSet(id_set, pipeline, jigsaws)


def epoch(args: Namespace, dataset: TrainingSet) -> Callable[[], None]:
    """Reads all of it once, in shuffled order, with workers that stay."""
    loader = DataLoader(
        dataset,
        args.batch_size,
        sampler=EpochSampler(dataset, seed=args.seed),
        num_workers=args.workers,
        persistent_workers=args.workers > 0,
        collate_fn=default_collate,
    )
    return lambda: sum(len(batch["data_samples"]) for batch in loader) == len(dataset)


class InWorker:
    """A data set whose one item is what a function returns, called in a worker: there seeding costs less."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function

    def __len__(self) -> int:
        return 1

    def __getitem__(self, _: int) -> object:
        return self.function()


def stages(args: Namespace, dataset: TrainingSet) -> dict[str, float]:
    """Seconds that each transform takes for the whole set, and what remains."""
    seconds: Counter[str] = Counter()

    def clocked(step: Callable, name: str) -> Callable:
        def run(results: dict) -> dict:
            started = time.perf_counter()
            made = step(results)
            seconds[name] += time.perf_counter() - started
            return made

        return run

    for i, step in enumerate(dataset.transforms):
        for inner in getattr(step, "pipelines", ()):
            inner.transforms = [clocked(part, _name(part)) for part in inner.transforms]
        dataset.transforms[i] = clocked(step, type(step).__name__)
    started = time.perf_counter()
    samples = [dataset[0, i] for i in range(len(dataset))]
    whole = time.perf_counter() - started
    outer = sum(seconds[name] for name in ("LoadRGBImage", "ShuffleTiles", "MultiView", "PackInputs"))
    within_views = sum(seconds.values()) - outer
    seconds["copies for the views"] = seconds.pop("MultiView") - within_views
    seconds["index and random numbers"] = whole - outer
    seconds["collation"] = timed(lambda: _collate_all(samples, args.batch_size))()
    return dict(seconds)


def _collate_all(samples: list[dict], size: int) -> None:
    for i in range(0, len(samples), size):
        default_collate(samples[i : i + size])


def _name(step: object) -> str:
    return repr(step).partition("(")[0] if hasattr(step, "t") else type(step).__name__


def report(args: Namespace, id_images: int, pairs: Pairs) -> None:
    """Print the table."""
    views = id_images * (1 + args.jigsaws) * args.views
    per_view = [bare * views / (ours * id_images) for ours, bare in zip(pairs.ours, pairs.bare, strict=True)]
    rows = [
        ("without: ID images/s = views/s", [id_images / s for s in pairs.bare], ".0f"),
        ("with: ID images/s", [id_images / s for s in pairs.ours], ".0f"),
        ("with: views/s", [views / s for s in pairs.ours], ".0f"),
        ("  ratio of ID images/s", pairs.bare_over_ours, ".3f"),
        ("ratio: views/s with / without", per_view, ".3f"),
    ]
    kind = "given pictures" if args.images else "generated pictures"
    setup = f"{args.jigsaws} jigsaws each, {args.views} views of {args.size} pixels, {args.workers} workers"
    print_table(f"Input pipeline: {id_images} {kind}, {setup}", rows, ">= 1.00")


def report_stages(seconds: dict[str, float], id_images: int, views: int) -> None:
    """Print what each stage takes."""
    whole = sum(seconds.values())
    print(f"\n{'stage, in one worker':<34}{'us/ID image':>12}{'us/view':>10}{'share':>8}")
    for name, taken in [*sorted(seconds.items(), key=lambda item: -item[1]), ("together", whole)]:
        print(f"{name:<34}{1e6 * taken / id_images:>12.0f}{1e6 * taken / views:>10.1f}{taken / whole:>8.0%}")


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=5)
    made.add_argument("--images", help="folder of pictures, searched at any depth; left out: generated ones")
    made.add_argument("--count", type=int, default=2000, help="how many ID pictures to take or to generate")
    made.add_argument("--size", type=int, default=32, help="pixels a side of a view")
    made.add_argument("--grid", type=int, default=4, help="tiles a side of a jigsaw")
    made.add_argument("--jigsaw-size", type=int, help="pixels a side of a jigsaw; left out: the picture's")
    made.add_argument("--jigsaws", type=int, default=2, help="jigsaws an ID picture")
    made.add_argument("--views", type=int, default=2, help="views of everything")
    made.add_argument("--batch-size", type=int, default=512, help="pictures a batch, jigsaws among them")
    made.add_argument("--workers", type=int, default=1, help="processes that read pictures")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as temporary:
        root = id_folder(args, Path(temporary))
        ours, bare = training_set(args, root, args.jigsaws, args.views), training_set(args, root, 0, 1)
        pairs = measure(timed(epoch(args, ours)), timed(epoch(args, bare)), args.pairs)
        report(args, len(bare), pairs)
        worker = DataLoader(InWorker(lambda: stages(args, ours)), batch_size=None, num_workers=1)
        report_stages(next(iter(worker)), len(bare), len(ours) * args.views)


if __name__ == "__main__":
    main()
