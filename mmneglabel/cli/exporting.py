"""What ``tools/export.py`` does: a tested detector becomes a folder that runs without PyTorch."""

from argparse import Namespace
from pathlib import Path

from mmneglabel import results
from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.export import export
from mmneglabel.apis.inputs import Picture, listed, pictures_of


def run_export(args: Namespace) -> None:
    """Export as ``args`` say; see ``tools/export.py --help``."""
    detector = NegLabelInferencer(
        args.model, threshold=args.threshold, checkpoint=args.checkpoint, device="cpu", score=args.score
    )
    checked = export(detector, args.out, _pictures(args), args.format, args.precision, args.static)
    print(
        f"Compared on {checked.images:,} pictures, from file to decision: log-odds within {checked.log_odds:.2g}, "
        f"scores within {checked.score:.2g}, {checked.flips} decisions flipped."
    )
    print(f"Written to {args.out}: python {Path(args.out) / 'detector.py'} photo.jpg")


def _pictures(args: Namespace) -> list[Picture]:
    """To compare on: those named, or those of the work dir's test that are still there."""
    if args.images:
        return listed(args.images)
    if not (Path(args.model) / results.FILE).is_file():
        return []
    return pictures_of([path for path in results.load(args.model).paths if path and Path(path).is_file()])
