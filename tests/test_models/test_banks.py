import torch
from stand_in import StandInBackbone

from mmneglabel.backbones import encode_prompts, encode_words
from mmneglabel.backbones.base import unit
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
