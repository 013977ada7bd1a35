"""Predicting in shards with the demo's tower: alone, by two processes, and the memory of long lists."""

import os
import resource
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from paired import measure, now, parser, prepare, print_table
from synthetic import random_bank

from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.inputs import Picture, listed
from mmneglabel.apis.opening import build_model, config_of_model
from mmneglabel.datasets.files import PictureFiles, find_pictures
from mmneglabel.runtime import FIELDS
from mmneglabel.sharding import Plan, open_plan, read_part, score_shards, turn_of
from mmneglabel.storage.resources import resource as shipped

CONFIG, NEGATIVES, BATCH = "neglabel/neglabel_demo.py", 10_499, 32


class Nothing:
    """A detector that looks at no picture."""

    def batches(
        self, pictures: Any, order: Iterator[Sequence[Any]], workers: int, before: Callable[[], None]
    ) -> Iterator[list[dict[str, Any]]]:
        """As ``NegLabelInferencer.batches``."""
        for keys in order:
            yield [dict.fromkeys(FIELDS) | {"image": pictures[key].name} for key in keys]


def demo(seed: int) -> NegLabelInferencer:
    """The demo's tower and classes, and as many words as the paper has, of random features."""
    model = build_model(config_of_model(CONFIG), None)
    return NegLabelInferencer(model, bank=random_bank(model.class_names, NEGATIVES, model.backbone.embed_dim, seed))


def planned(folder: Path, pictures: Path, shard: int) -> Plan:
    """A plan of its own."""
    return open_plan(folder / os.urandom(4).hex(), [str(pictures)], shard, BATCH, {})


def scored_alone(detector: NegLabelInferencer, pictures: Sequence[Picture]) -> float:
    """Seconds that the same pictures take in the same batches, with nothing planned, kept or written."""
    started = now()
    order = (range(at, min(at + BATCH, len(pictures))) for at in range(0, len(pictures), BATCH))
    for _ in detector.batches(pictures, order):
        pass
    return now() - started


def in_shards(detector: Any, folder: Path, pictures: Path, args: Namespace) -> float:
    """Seconds from the list to the last part."""
    started, plan = now(), planned(folder, pictures, args.shard)
    for _ in score_shards(plan, detector, range(len(plan))):
        pass
    return now() - started


def by_processes(detector: NegLabelInferencer, plan: Plan, processes: int) -> float:
    """Seconds until the last of some workers is done, which have loaded the detector."""
    started, children = now(), []
    for worker in range(1, processes + 1):
        if not (child := os.fork()):
            for _ in score_shards(plan, detector, list(turn_of(plan, worker, processes))):
                pass
            os._exit(0)
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise SystemExit("error: a worker failed")
    return now() - started


def memory(folder: Path, args: Namespace, rows: int) -> float:
    """MiB that a process grows by, planning so many rows and going through all shards."""
    path, (reading, writing) = folder / f"{rows}.txt", os.pipe()
    with path.open("w") as file:
        file.writelines(f"/data/pictures/{number // 1000:06}/{number:012}.jpg\n" for number in range(rows))
    if not os.fork():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        in_shards(Nothing(), folder, path, args)
        os.write(writing, str((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as pipe:
        return float(pipe.read())


def size_of(plan: Plan, files: str) -> float:
    """Bytes a picture."""
    return sum(path.stat().st_size for path in plan.folder.glob(files)) / sum(
        map(len, map(plan.pictures, range(len(plan))))
    )


def seeing(plan: Plan) -> float:
    """Microseconds to read of a part that it is of this plan."""
    started, times = now(), 200
    for _ in range(times):
        read_part(plan.folder, 0, plan.digest)
    return 1e6 * (now() - started) / times


def main(args: Namespace, folder: Path) -> None:
    """Measure and print."""
    grown = [memory(folder, args, rows) for rows in (args.rows // 100, args.rows)]
    images = find_pictures(args.images or shipped("demo") / "pictures", PictureFiles())
    (names := folder / "list.txt").write_text("".join(f"{path}\n" for path in images for _ in range(args.times)))
    detector, pictures = demo(args.seed), listed(names)
    pairs = measure(
        lambda: in_shards(detector, folder, names, args), lambda: scored_alone(detector, pictures), args.pairs
    )
    two = measure(
        lambda: by_processes(detector, planned(folder, names, args.shard), 2),
        lambda: by_processes(detector, planned(folder, names, args.shard), 1),
        args.pairs, warmups=0,
    )  # fmt: skip
    kept = planned(folder, names, 10 * args.shard)
    for _ in score_shards(kept, detector, range(len(kept))):
        pass
    rows = [
        ("scored alone, images/s", [len(pictures) / s for s in pairs.bare], ".0f"),
        ("in shards, images/s", [len(pictures) / s for s in pairs.ours], ".0f"),
        ("  two processes, times as fast (aim >= 1.8)", two.bare_over_ours, ".2f"),
        (f"  MiB more for {args.rows:,} rows (aim <= 50)", [grown[1] - grown[0]] * args.pairs, ".1f"),
        ("  bytes a row of the parts", [size_of(kept, "parts/*")] * args.pairs, ".1f"),
        ("  bytes a row of the plan", [size_of(kept, "rows-*")] * args.pairs, ".1f"),
        ("  us to see that a shard is finished", [seeing(kept)] * args.pairs, ".0f"),
        ("ratio: in shards / alone", pairs.ours_over_bare, ".3f"),
    ]
    print_table(f"Shards of {args.shard}: {len(pictures)} pictures, {NEGATIVES} negatives", rows, "<= 1.05")


if __name__ == "__main__":
    made = parser(__doc__, pairs=5)
    made.add_argument("--images", help="folder of pictures, searched at any depth; left out: the demo's")
    made.add_argument("--times", type=int, default=4, help="how often each of them is listed")
    made.add_argument("--shard", type=int, default=500, help="pictures a shard")
    made.add_argument("--rows", type=int, default=1_000_000, help="of the long list, whose memory is measured")
    arguments = made.parse_args()
    prepare(arguments)
    with tempfile.TemporaryDirectory() as made_folder:
        main(arguments, Path(made_folder))
