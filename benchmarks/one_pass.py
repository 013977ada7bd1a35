"""Every label-based method in one pass against NegLabel alone, on the embedded demo: the whole test loop of both."""

import tempfile
from argparse import Namespace
from collections.abc import Sequence

from demo_runs import LoopClock, add_words, demo_runner
from paired import Timed, measure, parser, prepare, print_table

ALL = ("MCM", "MaxLogit", "Energy", "NegLabel", "CSP", "NegFilter")


def loop(folder: str, words: str | None, scores: Sequence[str]) -> tuple[Timed, int]:
    """A test loop of the demo with these scores, and how many images it sees. Mining is not in its time."""
    runner, clock = demo_runner("label-based", folder, words, scores), LoopClock()
    runner.register_hook(clock, priority="LOWEST")

    def run() -> float:
        runner.test()
        return clock.seconds

    return run, len(runner.test_dataloader.dataset)


def parse_args() -> Namespace:
    """The command line."""
    made = parser(__doc__, pairs=7)
    add_words(made)
    return made.parse_args()


def main() -> None:
    """Measure and print."""
    args = parse_args()
    prepare(args)
    with tempfile.TemporaryDirectory() as folder:
        (alone, images), (everything, _) = (
            loop(f"{folder}/{name}", args.words, scores) for name, scores in (("neglabel", ["NegLabel"]), ("all", ALL))
        )
        pairs = measure(everything, alone, args.pairs)
        local = measure(loop(f"{folder}/local", args.words, [*ALL, "GL-MCM"])[0], alone, args.pairs, warmups=0)
        matching, _ = loop(f"{folder}/matching", args.words, ["NegLabel", "MultiMatching"])
        seconds = matching() - min(pairs.bare)
    rows = [
        ("NegLabel alone, images/s", [images / s for s in pairs.bare], ".0f"),
        ("six scores on four banks, images/s", [images / s for s in pairs.ours], ".0f"),
        ("with GL-MCM too: time / alone", local.ours_over_bare, ".2f"),
        ("ratio: time of the six / alone", pairs.ours_over_bare, ".2f"),
    ]
    print_table(f"One pass: {images} pictures of the demo, mined banks", rows, "<= 1.15")
    print(f"\nmulti-matching apart, nothing kept from before: {images / seconds:.1f} images/s")


if __name__ == "__main__":
    main()
