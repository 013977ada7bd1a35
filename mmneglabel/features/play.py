"""Streams of a benchmark's images, played from their features by all processes together."""

import logging
import time
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.models import NegLabelClassifier
from mmneglabel.ranks import gathered, rank, world_size
from mmneglabel.results import PlayedStreams
from mmneglabel.scores import Similarities, StreamScore, TextFeatures
from mmneglabel.scores.precision import full_precision

_LOG = logging.getLogger(__name__)
_BLOCK = 1024

_Streams = Mapping[str, tuple[StreamScore, TextFeatures]]
_Job = tuple[str, int, int]
"""A score, the position of an OOD set, a seed."""


@torch.no_grad()
def play_streams(
    model: NegLabelClassifier, features: Tensor, sets: Tensor, set_names: Sequence[str]
) -> dict[str, PlayedStreams]:
    """Every stream of the model's scores on every OOD set, the same numbers whatever the number of processes.

    Each stream is played by one of them, in float32 on the model's device.

    Args:
        model: with its banks.
        features: unit norm, float32 (N, D), of all images in the benchmark's order, the same on every process.
        sets: position of each image's set in ``set_names`` (N,); -1 of those that could not be read, which no stream
            brings.
        set_names: the ID set first.

    Raises:
        ConfigError: a batch is larger than a stream.
        DataError: a stream has no ID or no OOD images.
    """
    started, streams = time.perf_counter(), model.streams()
    images = [torch.nonzero(sets == index).flatten() for index in range(len(set_names))]
    counts = {name: len(here) for name, here in zip(set_names, images, strict=True)}  # those that could be read
    check_streams({name: score for name, (score, _) in streams.items()}, counts)
    _warn_of_order(streams)
    jobs = [
        (name, ood, seed)
        for name, (score, _) in streams.items()
        for ood in range(1, len(images))
        for seed in score.seeds
    ]
    mine = _played(streams, features.to(model.backbone.device), images, jobs[rank() :: world_size()])
    found = {job: scores for part in gathered(mine) for job, scores in part.items()}
    _LOG.info("Streams of %s played in %.1f s.", ", ".join(streams), time.perf_counter() - started)
    return {
        name: PlayedStreams(
            order=score.order,
            batch_size=score.batch_size,
            seeds=score.seeds,
            scores={
                of: np.stack([found[name, ood, seed] for seed in score.seeds])
                for ood, of in enumerate(set_names[1:], 1)
            },
        )
        for name, (score, _) in streams.items()
    }


def _played(streams: _Streams, features: Tensor, images: Sequence[Tensor], jobs: Sequence[_Job]) -> dict[_Job, NDArray]:
    """The scores of one process's share; ``images`` are the positions of each set's."""
    total, found = sum(len(images[0]) + len(images[ood]) for _, ood, _ in jobs), {}
    with (
        tqdm(total=total, desc="Playing streams", unit="image", disable=rank() > 0 or None) as bar,
        full_precision(features.device),
    ):
        static = {name: _static(*streams[name], features) for name in dict.fromkeys(name for name, _, _ in jobs)}
        for name, ood, seed in jobs:
            score, texts = streams[name]
            here = torch.cat([images[0], images[ood]]).to(features.device)
            known = None if static[name] is None else static[name][here]
            found[name, ood, seed] = score.play(features[here], known, texts, len(images[0]), seed, bar.update).numpy()
    return found


def _warn_of_order(streams: _Streams) -> None:
    for name in [name for name, (score, _) in streams.items() if score.order == "given" and rank() == 0]:
        _LOG.warning(
            "%s: order='given' brings the images as their files come, class by class, and OOD images last of all: "
            "no paper tests so, and numbers hang on it.",
            name,
        )


def _static(score: StreamScore, texts: TextFeatures, features: Tensor) -> Tensor | None:
    """(N,) scores of all images by the static score that a stream builds on, if it builds on one."""
    if score.static is None:
        return None
    return torch.cat([score.static(Similarities(block, texts)) for block in features.split(_BLOCK)])


def check_streams(scores: Mapping[str, StreamScore], images: Mapping[str, int]) -> None:
    """Refuse streams of one kind of images alone, or smaller than a batch.

    Args:
        scores: by name.
        images: set -> how many images it has, the ID set first.

    Raises:
        ConfigError: a batch is larger than a stream.
        DataError: a stream has no ID or no OOD images.
    """
    (id_set, known), *others = images.items()
    for (ood_set, count), (name, score) in product(others, scores.items()):
        if not known or not count:
            raise DataError(
                f"{name}: the stream of {id_set!r} and {ood_set!r} has {known} ID and {count} OOD images that can be "
                "read: it needs both."
            )
        if score.batch_size > known + count:
            raise ConfigError(
                f"{name}: batch_size is {score.batch_size}, and the stream of {id_set!r} and {ood_set!r} has "
                f"{known + count} images: set a smaller one, as --stream-batch does for all streams."
            )
