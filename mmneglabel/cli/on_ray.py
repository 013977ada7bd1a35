"""``tools/predict.py --shard N --ray``: shards handed out by Ray Data, each to an actor that has loaded the detector.

A row of Ray's is a shard and not an image: its own checkpoints hold every id in memory, and it would try a picture that
kills its actor for ever. Here the parts say what is finished, and the leases what nobody is to try again.
"""

import logging
import os
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from mmneglabel.cli.console import warn
from mmneglabel.cli.predicting import detector_of
from mmneglabel.cli.sharding import line, plan_of
from mmneglabel.errors import ConfigError, DataError, NegLabelError, one_line
from mmneglabel.sharding import load_plan, read_part, score_shards


class ShardScorer:
    """An actor's work: a shard in, a line on it out."""

    def __init__(self, args: Namespace) -> None:
        self.args, self.plan, self.detector = args, load_plan(Path(args.out)), detector_of(args)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Finish the shard of a batch of one, unless it is given up."""
        (shard,) = batch["shard"].tolist()
        started = time.monotonic()
        try:
            # Ray gives a shard to one actor alone: whoever was at it before has died.
            done = list(score_shards(self.plan, self.detector, [shard], self.args.workers, alone=True))
        except NegLabelError:
            raise
        except RuntimeError as error:  # of the network, or a process that loads: a death like others
            warn(f"the network or a loading process failed: {one_line(error)}")
            os._exit(1)
        seconds = time.monotonic() - started
        return {"said": [line(self.plan, shard, counts, seconds) for shard, counts in done]}


def predict_on_ray(args: Namespace) -> None:
    """Finish all open shards on the cluster that ``RAY_ADDRESS`` names, or on this machine.

    Raises:
        ConfigError: Ray is not installed.
        NegLabelError: what stopped an actor.
    """
    try:
        import ray
    except ImportError as error:
        raise ConfigError("--ray wants Ray Data: pip install 'mmneglabel[ray]'") from error
    plan = plan_of(args, detector_of(args))
    open_shards = [n for n in range(len(plan)) if read_part(plan.folder, n, plan.digest) is None]
    if not open_shards:
        return
    ray.init(ignore_reinit_error=True, logging_level=logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False  # a line a shard says as much
    gpus = int(ray.cluster_resources().get("GPU", 0))
    actors = min(len(open_shards), gpus or int(ray.cluster_resources()["CPU"]))
    scored = ray.data.from_items([{"shard": shard} for shard in open_shards]).map_batches(
        ShardScorer, fn_constructor_args=[args], batch_size=1, compute=ray.data.ActorPoolStrategy(size=actors),
        num_gpus=1 if gpus else 0, num_cpus=1,
    )  # fmt: skip
    try:
        for row in scored.iter_rows():
            print(row["said"], flush=True)
    except ray.exceptions.RayError as error:
        raise DataError(f"Ray stopped: {one_line(str(error).rstrip().rpartition(chr(10))[2])}") from error
