"""From imports to the first scored batch of a run that mined before, against what that takes by hand, in CPU seconds.

By hand: read the config, build the tower, list the pictures, look whether the words are what they were, load the banks
from the cache, read and encode 64 pictures and compare them.
"""

import gc
import hashlib
import os
import runpy
import sys
import tempfile
import traceback
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmpretrain.registry import HOOKS, MODELS
from paired import measure, parser, prepare, print_table
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import normalize

from mmneglabel.cli.testing import run_test

ROOT = Path(__file__).resolve().parents[1]
CONFIG = "configs/neglabel/neglabel_demo.py"
BATCH = 64


class FirstBatchError(Exception):
    """The first batch is scored, which is all that is measured."""


@HOOKS.register_module()
class FirstBatch(Hook):
    """Ends a test there."""

    priority = "LOWEST"

    def after_test_iter(self, *args: object, **kwargs: object) -> None:
        """End it."""
        raise FirstBatchError


def as_tool(command: list[str]) -> None:
    """What ``tools/test.py`` does behind its imports."""
    gc.freeze()
    with suppress(FirstBatchError):
        run_test(runpy.run_path(str(ROOT / "tools" / "test.py"))["parse_args"](command))


@torch.no_grad()
def by_hand(cache: Path) -> torch.Tensor:
    """The same pictures compared with the same texts."""
    config = Config.fromfile(ROOT / CONFIG)
    backbone = MODELS.build(config.model.backbone)
    kept = [tensor for file in sorted(cache.glob("*.safetensors")) for tensor in load_file(file).values()]
    texts = torch.cat([rows for rows in kept if rows.ndim == 2 and rows.shape[1] == backbone.embed_dim])
    hashlib.sha256(b"".join(path.read_bytes() for path in sorted(ROOT.glob("txtfiles/*.txt")))).hexdigest()
    benchmark, size = config.test_dataloader.dataset, backbone.preprocessing.size
    folders = [part.data_root for part in (benchmark.id_set, *benchmark.ood_sets)]
    found = [path for folder in folders for path in sorted(Path(folder).rglob("*.png"))][:BATCH]
    pictures = [Image.open(path).convert("RGB").resize(size) for path in found]
    pixels = torch.from_numpy(np.stack([np.asarray(picture) for picture in pictures])).movedim(3, 1)
    images = backbone.encode_image((pixels / 255 - 0.5) / 0.5)
    return (100 * normalize(images, dim=1) @ texts.float().T).softmax(dim=1)


def in_a_child(work: Callable[[], object]) -> float:
    """CPU seconds of ``work``, and of what it starts, in a fork of this process: nothing is imported or read yet."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        try:
            started = sum(os.times()[:4])
            with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
                work()
            os.write(writing, str(sum(os.times()[:4]) - started).encode())
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        if not (seconds := pipe.read()):
            raise SystemExit("error: it failed, as told above")
    return float(seconds)


def main(args: Namespace, folder: Path) -> None:
    """Mine once, then measure."""
    os.environ["MMNEGLABEL_CACHE"] = str(folder / "cache")
    first = "default_hooks.first_batch.type=FirstBatch"
    command = [CONFIG, "--work-dir", str(folder / "work"), "--cfg-options", first, *args.cfg_options]
    in_a_child(lambda: as_tool(command))
    pairs = measure(
        lambda: in_a_child(lambda: as_tool(command)),
        lambda: in_a_child(lambda: by_hand(folder / "cache")),
        args.pairs,
    )
    rows = [
        ("by hand, CPU seconds", pairs.bare, ".2f"),
        ("tools/test.py, CPU seconds", pairs.ours, ".2f"),
        ("ratio: ours / by hand", pairs.ours_over_bare, ".2f"),
    ]
    print_table(f"{CONFIG}, mined before: imports to the first scored batch", rows, aim="<= 1.3")


if __name__ == "__main__":
    made = parser(__doc__, pairs=5)
    made.add_argument("--cfg-options", nargs="+", default=[], help="as of tools/test.py, to try the script out")
    arguments = made.parse_args()
    prepare(arguments)
    sys.path.append(str(ROOT / "tools"))
    with tempfile.TemporaryDirectory() as made_folder:
        main(arguments, Path(made_folder))
