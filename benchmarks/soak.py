"""A long test of generated pictures on the demo's tower, by one process and by two: memory and speed over time.

`tools/test.py` runs it, and `torch.distributed.run` where there are two. Every process notes its memory and the time
after every so many batches; the last quarter is compared with the second, in which all is warm.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmpretrain.registry import HOOKS
from paired import parser, prepare, print_table
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
CONFIG = """
_base_ = [{base!r}]
custom_imports = dict(imports=["mmneglabel", "soak"])
test_dataloader = dict(
    batch_size=64, num_workers=0, persistent_workers=False, prefetch_factor=None,
    dataset=dict(
        id_set=dict(_delete_=True, name="ID", type="Pictures", table={table!r}),
        ood_sets=[dict(name="OOD", type="Pictures", data_root={ood!r})],
    ),
)
default_hooks = dict(watch=dict(type="Watch", folder={folder!r}, every={every}))
log_level = "ERROR"
"""


@HOOKS.register_module()
class Watch(Hook):
    """Notes seconds, images and memory of its process."""

    def __init__(self, folder: str, every: int) -> None:
        self.file = Path(folder) / f"{os.environ.get('RANK', '0')}.jsonl"
        self.every, self.images = every, 0

    def after_test_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        """A line every so many batches."""
        self.images += len(outputs)
        if batch_idx % self.every == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            mib = pages * os.sysconf("SC_PAGESIZE") / 2**20
            with self.file.open("a") as file:
                file.write(json.dumps([time.monotonic(), self.images, mib]) + "\n")


def write_pictures(folder: Path, count: int, seed: int) -> tuple[Path, Path]:
    """Half of ``count`` small JPEG files with labels in a list, half in a folder; returns list and folder."""
    noise = np.random.default_rng(seed)
    for name in ("id", "ood"):
        (folder / name).mkdir()
        for number in range(count // 2):
            pixels = noise.integers(0, 256, (6, 6, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((64, 64)).save(folder / name / f"{number:06}.jpg")
    (table := folder / "id.txt").write_text("".join(f"{folder}/id/{n:06}.jpg {n % 108}\n" for n in range(count // 2)))
    return table, folder / "ood"


def soak(processes: int, args: Namespace, folder: Path, sets: tuple[Path, Path]) -> list[np.ndarray]:
    """What each process noted: seconds, images and MiB (n, 3)."""
    notes = folder / f"notes{processes}"
    notes.mkdir()
    table, ood = map(str, sets)
    base = str(ROOT / "configs/neglabel/neglabel_demo.py")
    every = max(1, args.images // 64 // processes // 200)
    (config := folder / "soak.py").write_text(
        CONFIG.format(base=base, table=table, ood=ood, folder=str(notes), every=every)
    )
    command = [sys.executable]
    if processes > 1:
        command += ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command += [str(ROOT / "tools/test.py"), str(config), "--work-dir", str(folder / f"work{processes}")]
    command += ["--launcher", "pytorch"] if processes > 1 else []
    command += ["--cfg-options", *args.cfg_options] if args.cfg_options else []
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks"), os.environ.get("PYTHONPATH", "")])
    threads = str(args.threads or 1)
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": threads})
    return [np.array([json.loads(line) for line in path.read_text().splitlines()]) for path in sorted(notes.iterdir())]


def rates(noted: np.ndarray) -> tuple[float, float]:
    """Images a second of a process in the second and in the last quarter of its time: in the first it warms up."""
    seconds, images, _ = noted.T
    quarters = np.array_split(np.arange(len(seconds)), 4)
    return tuple((images[q[-1]] - images[q[0]]) / (seconds[q[-1]] - seconds[q[0]]) for q in (quarters[1], quarters[3]))


def growth(noted: np.ndarray) -> float:
    """Bytes an image by which memory grows from the second quarter on."""
    _, images, mib = noted[len(noted) // 4 :].T
    return float(np.polyfit(images, mib * 2**20, 1)[0])


def draw(found: dict[int, list[np.ndarray]], path: str) -> None:
    """Memory over images, and images a second over time, of each process."""
    from matplotlib.figure import Figure

    figure = Figure((7, 2.6), layout="constrained")
    memory, speed = figure.subplots(1, 2)
    for processes, notes in found.items():
        for rank, noted in enumerate(notes):
            seconds, images, mib = noted.T
            name = "one process" if processes == 1 else f"of {processes}, process {rank}"
            memory.plot(images / 1000, mib, label=name)
            step = max(1, len(images) // 40)
            rate = (images[step:] - images[:-step]) / (seconds[step:] - seconds[:-step])
            speed.plot((seconds[step:] - seconds[0]), rate, label=name)
    memory.set(xlabel="thousand images of this process", ylabel="memory, MiB", ylim=(0, None))
    speed.set(xlabel="seconds", ylabel="images a second", ylim=(0, None))
    memory.legend(frameon=False, fontsize=8, loc="center right")
    figure.savefig(path, dpi=150)


def main(args: Namespace, folder: Path) -> None:
    """Run, print, draw."""
    sets = write_pictures(folder, args.images, args.seed)
    found = {processes: soak(processes, args, folder, sets) for processes in args.processes}
    rows = []
    for processes, notes in found.items():
        second, last = np.array([rates(noted) for noted in notes]).T
        name = f"{processes} process{'es' * (processes > 1)}"
        rows += [
            (f"{name}, images/s at first", [second.sum()], ".0f"),
            (f"{name}, images/s at last", [last.sum()], ".0f"),
            (f"{name}, MiB at first", [noted[len(noted) // 4, 2] for noted in notes], ".0f"),
            (f"{name}, MiB at last", [noted[-1, 2] for noted in notes], ".0f"),
            (f"  {name}, bytes more an image (aim <= 400)", [growth(noted) for noted in notes], ".0f"),
        ]
    speeds = [rates(noted) for noted in chain.from_iterable(found.values())]
    rows.append(("ratio: speed at last / at first", [last / first for first, last in speeds], ".3f"))
    print_table(f"Soak: {args.images:,} pictures", rows, ">= 0.90")
    if args.figure:
        draw(found, args.figure)


if __name__ == "__main__":
    made = parser(__doc__, pairs=1)
    made.add_argument("--images", type=int, default=200_000, help="pictures that are generated")
    made.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="how many, run after run")
    made.add_argument("--cfg-options", nargs="+", help="as of tools/test.py, to try the script out")
    made.add_argument("--figure", metavar="FILE", help="draw it, such as docs/soak.png")
    arguments = made.parse_args()
    prepare(arguments)
    with tempfile.TemporaryDirectory() as made_folder:
        main(arguments, Path(made_folder))
