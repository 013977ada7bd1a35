"""What ``tools/export.py`` does: a tested detector becomes a folder that runs without PyTorch."""

from argparse import Namespace
from pathlib import Path

from mmneglabel import results
from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.export import export
from mmneglabel.apis.inputs import Picture, listed, pictures_of
from mmneglabel.errors import DataError
from mmneglabel.runtime import decoded, why_unread


def run_export(args: Namespace) -> None:
    """Export as ``args`` say; see ``tools/export.py --help``.

    Raises:
        DataError: pictures that are named cannot be read.
    """
    images = _pictures(args)
    detector = NegLabelInferencer(
        args.model, threshold=args.threshold, checkpoint=args.checkpoint, device="cpu", score=args.score
    )
    checked = export(detector, args.out, images, args.format, args.precision, args.static)
    print(
        f"Compared on {checked.images:,} pictures, from file to decision: log-odds within {checked.log_odds:.2g}, "
        f"scores within {checked.score:.2g}, {checked.flips} decisions flipped."
    )
    print(f"Written to {args.out}: python {Path(args.out) / 'detector.py'} photo.jpg")


def _pictures(args: Namespace) -> list[Picture]:
    """To compare on: those named, or those of the work dir's test that are still there."""
    if args.images:
        return _readable(listed(args.images))
    if not (Path(args.model) / results.FILE).is_file():
        return []
    return pictures_of([path for path in results.load(args.model).paths if path and Path(path).is_file()])


def _readable(pictures: list[Picture]) -> list[Picture]:
    """These, if all can be read: noise would take the place of others, and the comparison say less than was asked."""
    if lacking := [f"{one.name}: {why}" for one in pictures if (why := _why_unread(one))]:
        raise DataError(
            f"--images: {len(lacking)} of {len(pictures)} pictures cannot be read, such as {lacking[0]}; check the path"
        )
    return pictures


def _why_unread(picture: Picture) -> str | None:
    """What keeps the exported detector, which reads files alone, from a picture; None where nothing does."""
    data = None
    try:
        data = Path(picture.source).read_bytes()
        decoded(data)
    except Exception as error:  # Pillow's decoders raise nearly anything
        return why_unread(data, error)
    return None
