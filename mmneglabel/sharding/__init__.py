"""Predictions of very many pictures in shards: planned once, done by any number of processes, each row once."""

from mmneglabel.sharding.leases import LEASES, mark_died, take
from mmneglabel.sharding.parts import ERRORS, IMAGES, PARTS, part_path, read_part
from mmneglabel.sharding.plan import Plan, load_plan, open_plan
from mmneglabel.sharding.summary import FLAGGED, flag, summarise
from mmneglabel.sharding.work import score_shards, turn_of

__all__ = [
    "ERRORS",
    "FLAGGED",
    "IMAGES",
    "LEASES",
    "PARTS",
    "Plan",
    "flag",
    "load_plan",
    "mark_died",
    "open_plan",
    "part_path",
    "read_part",
    "score_shards",
    "summarise",
    "take",
    "turn_of",
]
