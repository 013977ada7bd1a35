"""Streams played from features: the same by any number of processes, and what cannot be one."""

import logging
from types import SimpleNamespace

import pytest
import torch
from test_scores.compared import unit
from torch.nn.functional import normalize

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.features import play_streams
from mmneglabel.scores import AdaNegScore, MaxLogitScore, OODDScore, Similarities, TANLScore, TextFeatures

NAMES = ("ID", "sun", "moon")
SETS = torch.tensor([0] * 40 + [1] * 20 + [2] * 9)
UNREADABLE = [3, 50, 68]
READABLE = {"sun": 39 + 19, "moon": 39 + 8}


def stand_in(**scores):
    """What playing wants of a model."""
    scores = scores or {
        "AdaNeg (stream)": AdaNegScore(batch_size=8, streams=3),
        "TANL (stream)": TANLScore(batch_size=7, length=10, seed=5),
        "OODD (stream)": OODDScore(batch_size=6, static=MaxLogitScore(), order="ood_first"),
    }
    texts = TextFeatures(unit(5, 1), unit(40, 2), noise=lambda seed: unit(15, 100 + seed))
    streams = {name: (score, texts) for name, score in scores.items()}
    return SimpleNamespace(streams=lambda: streams, backbone=SimpleNamespace(device=torch.device("cpu")))


def features():
    towards = torch.cat([unit(5, 1)[torch.arange(40) % 5], unit(40, 2)[:29]])
    return normalize(towards + 0.8 * unit(69, 3), dim=1)


def sets():
    found = SETS.clone()
    found[UNREADABLE] = -1
    return found


def plain(played):
    return {
        name: (one.order, one.batch_size, one.seeds, {of: scores.tolist() for of, scores in one.scores.items()})
        for name, one in played.items()
    }


def play_on_rank(rank, world_size, folder):
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=world_size)
    torch.save(plain(play_streams(stand_in(), features(), sets(), NAMES)), f"{folder}/{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("world_size", [2, 3])
def test_any_number_of_processes_plays_the_same(tmp_path, forking, world_size):
    call = "import sys; from test_features import test_play as t; t.play_on_rank(*map(int, sys.argv[1:3]), sys.argv[3])"
    done = forking.run_together(*(("-c", call, rank, world_size, tmp_path) for rank in range(world_size)), cwd=tmp_path)
    assert [process.returncode for process in done] == [0] * world_size, done
    expected = plain(play_streams(stand_in(), features(), sets(), NAMES))
    for rank in range(world_size):
        assert torch.load(tmp_path / f"{rank}.pt") == expected


def test_each_image_stands_where_it_is_in_the_results():
    played = play_streams(stand_in(), features(), sets(), NAMES)["AdaNeg (stream)"]
    assert {of: scores.shape for of, scores in played.scores.items()} == {of: (3, n) for of, n in READABLE.items()}
    score, texts = stand_in().streams()["AdaNeg (stream)"]
    here = torch.nonzero((sets() == 0) | (sets() == 2)).flatten()
    static = score.static(Similarities(features()[here], texts))
    for row, seed in enumerate((0, 1, 2)):
        expected = score.play(features()[here], static, texts, 39, seed)
        torch.testing.assert_close(torch.from_numpy(played.scores["moon"][row]), expected, rtol=0, atol=1e-6)


def test_a_stream_in_the_order_of_the_files_is_warned_of(caplog):
    with caplog.at_level(logging.WARNING):
        play_streams(stand_in(A=OODDScore(batch_size=6)), features(), sets(), NAMES)
    assert not caplog.messages
    with caplog.at_level(logging.WARNING):
        play_streams(stand_in(A=OODDScore(batch_size=6, order="given")), features(), sets(), NAMES)
    assert caplog.messages[0].startswith("A: order='given' brings the images as their files come, class by class")


@pytest.mark.parametrize(
    ("score", "gone", "error", "says"),
    [
        (OODDScore(batch_size=48), [], ConfigError, r"A: batch_size is 48, and the stream of 'ID' and 'moon' has 47"),
        (OODDScore(batch_size=8), range(60, 69), DataError, r"'ID' and 'moon' has 39 ID and 0 OOD images"),
        (OODDScore(batch_size=8), range(40), DataError, r"'ID' and 'sun' has 0 ID and 19 OOD images"),
    ],
)
def test_what_is_no_stream(score, gone, error, says):
    left = sets()
    left[list(gone)] = -1
    with pytest.raises(error, match=says):
        play_streams(stand_in(A=score), features(), left, NAMES)
