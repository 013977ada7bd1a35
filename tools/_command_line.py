"""What several tools take on their command lines; argparse alone, so that --help need not wait for any import."""

import os
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence

LAUNCHERS = ("none", "pytorch", "slurm", "mpi")


def count(text: str) -> int:
    """A number from 0 on."""
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


def count_from_1(text: str) -> int:
    """A number from 1 on."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def add_config(parser: ArgumentParser) -> None:
    """What every tool takes that reads a config."""
    parser.add_argument("config", help="config file, one's own or a shipped one")
    add_options(parser)


def add_options(parser: ArgumentParser) -> None:
    """What changes a config, and tells of a broken one."""
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action="extend",
        metavar="KEY=VALUE",
        help="override settings of the config: strings as they are, [a, b], (a, b), {'a': 1}; quotes keep a comma",
    )
    parser.add_argument("--traceback", action="store_true", help="show where a broken config fails")


def add_run(parser: ArgumentParser) -> None:
    """What every tool takes that runs a config."""
    parser.add_argument("--work-dir", help="where logs and results go (default: work_dirs/<config name>)")
    parser.add_argument(
        "--verbose", action="store_true", help="print all of MMEngine's log, which is in the log file in any case"
    )


def add_test(parser: ArgumentParser) -> None:
    """What the tools take that score images, or their features."""
    add_config(parser)
    parser.add_argument("checkpoint", nargs="?", help="checkpoint file; left out or 'none': the weights of the config")
    add_scoring(parser)


def add_scoring(parser: ArgumentParser) -> None:
    """How the tools run that score images, or their features."""
    parser.add_argument("--amp", action="store_true", help="run the network under autocast; scores stay in float32")
    streams = parser.add_argument_group("scores that learn while testing, in place of what the config says of each")
    streams.add_argument("--streams", type=count_from_1, metavar="N", help="streams of each OOD set, with other seeds")
    streams.add_argument("--stream-order", metavar="ORDER", help="shuffled, id_first, ood_first or given")
    streams.add_argument("--stream-batch", type=count_from_1, metavar="N", help="images scored and learned at a time")
    streams.add_argument("--stream-seed", type=int, metavar="SEED", help="of the first stream")
    add_run(parser)


def add_save_features(parser: ArgumentParser) -> None:
    """What the tools take that read images."""
    parser.add_argument(
        "--save-features", action="store_true", help="also keep the image features in the cache, for tools/rescore.py"
    )


def parse_launched(parser: ArgumentParser, argv: Sequence[str] | None = None) -> Namespace:
    """The command line of a tool that may be started as several processes, each of which learns its number."""
    parser.add_argument("--launcher", choices=LAUNCHERS, default="none", help="what started the processes")
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0, help=SUPPRESS)
    args = parser.parse_args(argv)
    os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    return args


def add_detector(parser: ArgumentParser) -> None:
    """Which detector, where a config or a work dir leaves it open."""
    parser.add_argument("--checkpoint", metavar="FILE", help="the detector's weights, where the config's are not meant")
    parser.add_argument("--score", metavar="NAME", help="the row of the table that decides (default: the main one)")


def add_inference(parser: ArgumentParser) -> None:
    """What the tools take that put single pictures through a detector."""
    add_detector(parser)
    parser.add_argument("--device", help="such as cuda:1 or cpu (default: the first GPU, or the CPU)")
    parser.add_argument(
        "--batch-size", type=count_from_1, default=32, metavar="N", help="pictures at a time (default: 32)"
    )
    parser.add_argument("--workers", type=count, default=0, metavar="N", help="processes that load (default: none)")
