from contextlib import nullcontext as does_not_raise
from functools import partial

import pytest
import torch
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_prompts, encode_words
from mmneglabel.backbones.base import unit
from mmneglabel.errors import DataError
from mmneglabel.mining.select import ROWS, quantile_similarity
from mmneglabel.models import banks
from mmneglabel.models.banks import SharedTextEncoder


def test_encodes_no_prompt_twice():
    tower = StandInBackbone()
    encode = SharedTextEncoder(tower, batch_size=2)
    first = encode(["a", "b", "a", "c"])
    assert tower.forwards == 2
    again = encode(["c", "b"])
    assert tower.forwards == 2
    assert torch.equal(again, first[[3, 1]])
    assert torch.equal(encode(["d", "a"]), encode_words(tower, ["d", "a"]))


def test_templates_are_averaged_before_the_norm_and_kept_apart():
    tower = StandInBackbone()
    encode = SharedTextEncoder(tower)
    templates = ("a {}", "the {}")
    raw = torch.stack([encode_prompts(tower, ["a cat", "a dog"]), encode_prompts(tower, ["the cat", "the dog"])])
    torch.testing.assert_close(encode(["cat", "dog"], templates), unit(raw.mean(0)))
    assert not torch.allclose(encode(["cat"]), encode(["cat"], templates))


def test_shows_a_bar_for_long_lists_on_a_terminal(capsys, monkeypatch):
    SharedTextEncoder(StandInBackbone())([str(i) for i in range(2000)])
    assert not capsys.readouterr().err  # of a file
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    SharedTextEncoder(StandInBackbone())([str(i) for i in range(2000)])
    assert "Encoding prompts: 100%" in capsys.readouterr().err
    SharedTextEncoder(StandInBackbone())([str(i) for i in range(100)])
    assert not capsys.readouterr().err


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_rows_that_are_shared_are_what_one_process_finds(processes, monkeypatch):
    candidates, labels = torch.randn(5 * ROWS + 3, 4, generator=torch.Generator().manual_seed(0)), torch.eye(4)
    near = partial(quantile_similarity, labels=labels, quantile=0.5)
    parts, encode = laid_side_by_side(monkeypatch, processes), SharedTextEncoder(StandInBackbone())
    for place in range(processes):
        monkeypatch.setattr(banks, "rank", lambda place=place: place)
        found = encode.shared(near, candidates, ROWS)
    assert torch.equal(found, near(candidates))
    assert max(map(len, parts)) <= (5 // processes + 1) * ROWS


def test_what_one_process_cannot_all_refuse(monkeypatch):
    laid_side_by_side(monkeypatch, 2)
    encode, broken = SharedTextEncoder(StandInBackbone()), torch.eye(4)
    broken[3] = torch.nan  # of the second one's share
    near = partial(quantile_similarity, labels=torch.eye(4), quantile=0.5)
    for place, refused in enumerate((does_not_raise(), pytest.raises(DataError, match="candidate's text features"))):
        monkeypatch.setattr(banks, "rank", lambda place=place: place)
        with refused:
            encode.shared(near, broken, 2)


def laid_side_by_side(monkeypatch, processes):
    """Lets this process be one after another of so many; the last one has what all found."""
    parts = []
    monkeypatch.setattr(banks, "world_size", lambda: processes)
    monkeypatch.setattr(banks, "gathered", lambda mine: parts.append(mine) or parts)
    return parts
