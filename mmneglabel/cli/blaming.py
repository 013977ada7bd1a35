"""What ``tools/words.py`` does: the negatives that take the mass of good images, and the table without them."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from mmneglabel import results
from mmneglabel.cli.testing import run_rescore
from mmneglabel.engine.work_dir import config_of, read_metrics
from mmneglabel.evaluation.blame import Blame, blamed
from mmneglabel.evaluation.report import MEAN
from mmneglabel.results import Results
from mmneglabel.storage.text_files import write_atomically


def run_words(args: Namespace) -> None:
    """Print, write and try out as ``args`` say; see ``tools/words.py --help``."""
    found = results.load(args.work_dir)
    blames = blamed(found, args.set, args.words)
    print(_table(blames, found, args.set))
    if args.out:
        write_atomically(Path(args.out), "".join(f"{one.word}\n" for one in blames))
        print(f"Written to {args.out}, which drop= and --drop read")
    if args.drop:
        _without(args, found.shares_of)


def _table(blames: Sequence[Blame], found: Results, set_name: str | None) -> str:
    """A line a word."""
    whose = set_name or found.set_names[0]
    width = max((len(one.word) for one in blames), default=4)
    lines = [
        f"{one.word:<{width}}  {one.share:>8.4%}  {one.images:>6}  "
        + ", ".join(f"{name} {share:.2%}" for name, share in one.classes)
        for one in blames
    ]
    head = f"What takes the softmax of {found.shares_of} from {len(found.of_set(whose)):,} images of {whose!r}:"
    return "\n".join([head, f"{'word':<{width}}  {'share':>8}  {'images':>6}  most of", *lines])


def _without(args: Namespace, score: str) -> None:
    """The test again from kept features, without these words, into a work dir of its own."""
    config = config_of(Path(args.work_dir))
    words = args.drop[0] if len(args.drop) == 1 and Path(args.drop[0]).is_file() else list(args.drop)
    folder = Path(args.work_dir) / "without"
    # The run's config holds its files' variables too, which would be warned of; what is inherited is not.
    inherits = folder / "config.py"
    write_atomically(inherits, f"_base_ = {str(Path(config.filename).resolve())!r}\n")
    run_rescore(
        Namespace(
            config=str(inherits), checkpoint=config.get("load_from"), work_dir=str(folder), launcher="none",
            cfg_options={f"model.scores.{score}.bank.drop": words}, amp=False, verbose=False, traceback=False,
        )
    )  # fmt: skip
    before, after = (read_metrics(place)[score][MEAN] for place in (Path(args.work_dir), folder))
    for name in ("auroc", "fpr95_id_positive", "fpr95_ood_positive"):
        print(f"{score}, mean {name}: {100 * before[name]:.2f} -> {100 * after[name]:.2f}")
