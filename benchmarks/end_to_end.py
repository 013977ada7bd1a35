"""The whole test loop, with data samples, scores and metrics, against the same DataLoader and encode_image alone."""

import tempfile
from argparse import Namespace
from pathlib import Path

import torch
from demo_runs import LoopClock
from mmengine.runner import Runner
from paired import Pairs, measure, parser, prepare, print_table, timed
from synthetic import find_images, random_bank, split_in_two

from mmneglabel.cli.config import test_config
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.mining import save_bank

CONFIG = "configs/neglabel/neglabel_clip-vit-b16_in1k.py"
NEGATIVES = 10499


def build_runner(args: Namespace, images: list[Path], folder: Path) -> Runner:
    """The paper's config on random weights and these images, with saved banks of the paper's size."""
    id_set, ood_set = split_in_two(images, folder / "sets", classes=1000)
    id_config = {"name": "ID", "type": "CustomDataset", "data_root": str(id_set)}
    mined, photo = (str(folder / f"{name}.safetensors") for name in ("neglabel", "photo"))
    banks = {"NegLabel": mined, "MCM": photo, "MaxLogit": photo, "Energy": photo}
    scores = {name: {"bank": {"type": "SavedBank", "path": path}} for name, path in banks.items()}
    changes = {
        "log_level": "ERROR",
        "model.backbone.model_name": args.model,
        "model.backbone.pretrained": None,
        "model.scores": {"_delete_": True, **scores},
        "test_dataloader.batch_size": args.batch_size,
        "test_dataloader.num_workers": args.workers,
        "test_dataloader.dataset.id_set": {"_delete_": True, **id_config},
        "test_dataloader.dataset.ood_sets": [{"name": "OOD", "type": "Pictures", "data_root": str(ood_set)}],
    }
    command_line = {"config": CONFIG, "checkpoint": None, "launcher": "none", "work_dir": str(folder / "work")}
    command_line = Namespace(**command_line, amp=args.amp, verbose=False, cfg_options=changes)
    runner = Runner.from_cfg(test_config(command_line))
    save_banks(runner, banks, args.seed)
    # The bare loop reads them too.
    settle_pixels({"the test set": runner.test_dataloader.dataset}, runner.model, runner.logger)
    return runner


def save_banks(runner: Runner, paths: dict[str, str], seed: int) -> None:
    """Banks that the model takes for its own; all but NegLabel's share one of labels alone, as in the config."""
    model = runner.model
    common = {"dim": model.backbone.embed_dim, "seed": seed, "tower": model.backbone.text_fingerprint()}
    save_bank(random_bank(model.class_names, NEGATIVES, **common), paths["NegLabel"])
    save_bank(random_bank(model.class_names, 0, **common), paths["MCM"])


@torch.no_grad()
def bare_loop(runner: Runner, amp: bool) -> None:
    """What nobody can do without: load, normalise, encode."""
    preprocessor, backbone = runner.model.data_preprocessor, runner.model.backbone
    for batch in runner.test_dataloader:
        pixels = (batch["inputs"].to(backbone.device).float() - preprocessor.mean) / preprocessor.std
        with torch.autocast(backbone.device.type, enabled=amp):
            backbone.encode_image(pixels)


def report(args: Namespace, images: int, pairs: Pairs) -> None:
    """Print the table."""
    overhead = [1e6 * (ours - bare) / images for ours, bare in zip(pairs.ours, pairs.bare, strict=True)]
    rows = [
        ("bare loop, images/s", [images / s for s in pairs.bare], ".1f"),
        ("whole loop, images/s", [images / s for s in pairs.ours], ".1f"),
        ("difference, microseconds an image", overhead, ".0f"),
        ("ratio: our rate / bare rate", pairs.bare_over_ours, ".3f"),
    ]
    kind = "photographs" if args.images else "generated images"
    setup = f"{args.model}, batches of {args.batch_size}, {args.workers} workers{', autocast' if args.amp else ''}"
    print_table(f"End to end: {images} {kind}, {setup}", rows, ">= 0.95")


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=5)
    made.add_argument("--model", default="ViT-B-32", help="an open_clip model; its weights are random")
    made.add_argument("--images", help="folder of photographs, searched at any depth; left out: generated ones")
    made.add_argument("--count", type=int, default=200, help="how many to generate")
    made.add_argument("--batch-size", type=int, default=32, help="images a batch")
    made.add_argument("--workers", type=int, default=2, help="processes that read images")
    made.add_argument("--amp", action="store_true", help="encode under autocast, in both loops")
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as temporary:
        images = find_images(args, Path(temporary))
        runner = build_runner(args, images, Path(temporary))
        clock = LoopClock()
        runner.register_hook(clock, priority="LOWEST")

        def whole_run() -> float:
            runner.test()
            return clock.seconds

        runner.test_loop  # noqa: B018 - builds the DataLoader that both loops read from
        pairs = measure(whole_run, timed(lambda: bare_loop(runner, args.amp)), args.pairs)
    report(args, len(images), pairs)


if __name__ == "__main__":
    main()
