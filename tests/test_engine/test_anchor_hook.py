"""Text anchors before training: what is encoded, what is left alone, what is refused, the same on two processes."""

import logging
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import ConfigDict
from mmpretrain.registry import HOOKS, MODELS
from paths import TINY_CLIP
from stand_in import StandInBackbone
from torch import nn

from mmneglabel.backbones import encode_words
from mmneglabel.corpus import DescriptionFile
from mmneglabel.engine import TextAnchorHook
from mmneglabel.errors import ConfigError, DataError, WeightsError

NAMES = ("cat", "big_dog", "owl")
STAND_IN = {"type": "StandInBackbone"}
PROMPTS = {"type": "PlainPrompts"}


def hook(backbone=STAND_IN, descriptions=PROMPTS):
    return HOOKS.build({"type": "TextAnchorHook", "backbone": backbone, "descriptions": descriptions})


def head(**changes):
    torch.manual_seed(0)
    config = {"type": "TagFogHead", "num_classes": 3, "in_channels": 4, "anchor_dim": 16}
    return MODELS.build(config | changes)


@pytest.fixture
def runner(tmp_path):
    """What the hook reads of a runner."""

    def made(its_head, iteration=0, **metainfo):
        model = nn.Module()
        model.head = its_head
        loader = SimpleNamespace(dataset=SimpleNamespace(metainfo={"classes": NAMES} | metainfo))
        logger = logging.getLogger("anchors")
        return SimpleNamespace(
            model=model, train_dataloader=loader, iter=iteration, work_dir=str(tmp_path), logger=logger
        )

    return made


@pytest.fixture
def described(tmp_path):
    path = tmp_path / "described.tsv"
    path.write_text("owl\tA bird.\nbig dog\tA large pet.\ncat\tA small pet.\n")
    return {"type": "DescriptionFile", "path": str(path)}


def test_anchors_are_the_encoded_texts(runner, described, tmp_path, caplog):
    caplog.set_level("INFO", "anchors")
    made = runner(head())
    hook(descriptions=described).before_train(made)
    expected = encode_words(StandInBackbone(), ["A small pet.", "A large pet.", "A bird."])
    torch.testing.assert_close(made.model.head.anchors, expected)
    torch.testing.assert_close(made.model.head.anchors.norm(dim=1), torch.ones(3))
    written = tmp_path / "anchors.txt"
    assert written.read_text() == "cat\tA small pet.\nbig_dog\tA large pet.\nowl\tA bird.\n"
    assert DescriptionFile(written).describe(NAMES) == ("A small pet.", "A large pet.", "A bird.")
    assert "Text anchors: 3 by DescriptionFile and StandInBackbone, width 16, in" in caplog.text


def test_texts_may_hold_braces_and_the_names_of_folders_are_ids(runner, wordnet_ids):
    made = runner(head(), folders=("n02121620", "dogs", "n01613177"))
    built = hook()
    built._source = wordnet_ids
    built.before_train(made)
    assert wordnet_ids.asked == [(NAMES, ("n02121620", "dogs", "n01613177"))]
    expected = encode_words(StandInBackbone(), ["{} of 3", "two {}", "three"])
    torch.testing.assert_close(made.model.head.anchors, expected)


@pytest.fixture
def wordnet_ids():
    """A source that keeps what it was asked."""

    class Source:
        def __init__(self):
            self.asked = []

        def describe(self, class_names, wordnet_ids=None):
            self.asked.append((class_names, wordnet_ids))
            return "{} of 3", "two {}", "three"

    return Source()


def test_a_wrapped_model(runner):
    made = runner(head())
    inner, made.model = made.model, torch.nn.parallel.DataParallel(made.model)
    hook().before_train(made)
    assert inner.head.has_anchors


def test_random_numbers_go_on_as_if_nothing_had_been_built(runner):
    made = runner(head(anchor_dim=32))
    before = torch.get_rng_state()
    hook({"type": "OpenCLIPBackbone", "model_name": TINY_CLIP}).before_train(made)
    assert made.model.head.has_anchors
    assert torch.equal(torch.get_rng_state(), before)


def test_a_resumed_run_keeps_its_anchors_and_builds_no_tower(runner, monkeypatch, caplog, tmp_path):
    caplog.set_level("INFO", "anchors")
    built = hook()
    its_head = head()
    its_head.set_anchors(torch.eye(3, 16))
    monkeypatch.setattr(StandInBackbone, "__init__", lambda *_, **__: pytest.fail("a tower was built"))
    built.before_train(runner(its_head, iteration=7))
    assert torch.equal(its_head.anchors, torch.eye(3, 16))
    assert "those of the checkpoint" in caplog.text
    assert not (tmp_path / "anchors.txt").exists()


def test_a_new_run_from_old_weights_gets_its_own_anchors(runner):
    its_head = head()
    its_head.set_anchors(torch.eye(3, 16))
    hook().before_train(runner(its_head))
    expected = encode_words(StandInBackbone(), ["a photo of a cat", "a photo of a big dog", "a photo of a owl"])
    torch.testing.assert_close(its_head.anchors, expected)


def test_a_resumed_run_without_anchors_gets_them(runner):
    its_head = head()
    hook().before_train(runner(its_head, iteration=7))
    assert its_head.has_anchors


def test_no_anchor_loss_wants_no_tower(runner, caplog):
    caplog.set_level("INFO", "anchors")
    its_head = head(anchor_weight=0.0)
    hook().before_train(runner(its_head))
    assert not its_head.has_anchors
    assert "anchor_weight is 0" in caplog.text


def test_texts_that_are_cut_or_shared_are_warned_of(runner, tmp_path, caplog):
    path = tmp_path / "long.tsv"
    path.write_text(f"cat\tA {'very ' * 90}small pet.\nbig dog\tA pet.\nowl\tA pet.\n")
    tower = {"type": "OpenCLIPBackbone", "model_name": TINY_CLIP}
    its_head = head(anchor_dim=32)
    hook(tower, {"type": "DescriptionFile", "path": str(path)}).before_train(runner(its_head))
    assert "1 of 3 class texts are longer than the text tower reads, and were cut: 'cat'." in caplog.text
    assert "The classes 'big_dog', 'owl' have the same text and so the same anchor: 'A pet.'." in caplog.text
    assert torch.equal(its_head.anchors[1], its_head.anchors[2])


def test_the_width_of_the_tower_is_that_of_the_head(runner):
    with pytest.raises(ConfigError, match=r"wants 3 of width 5: set .* model\.head\.anchor_dim=16"):
        hook().before_train(runner(head(anchor_dim=5)))


@pytest.mark.parametrize(("metainfo", "seen"), [({"classes": NAMES[:2]}, 2), ({"classes": None}, 0)], ids=str)
def test_the_training_set_names_the_classes_of_the_head(runner, metainfo, seen):
    with pytest.raises(ConfigError, match=rf"names {seen} classes and model\.head\.num_classes is 3"):
        hook().before_train(runner(head(), **metainfo))


def test_a_missing_description_is_said_before_the_tower_is_built(runner, described, monkeypatch):
    built = hook(descriptions=described)
    monkeypatch.setattr(StandInBackbone, "__init__", lambda *_, **__: pytest.fail("a tower was built"))
    with pytest.raises(DataError, match=r"lacks 1 of 3 classes, first 'emu'"):
        built.before_train(runner(head(), classes=("cat", "emu", "owl")))


@pytest.mark.parametrize("value", [float("nan"), 0.0])
def test_features_that_are_no_numbers(runner, monkeypatch, value):
    monkeypatch.setattr(StandInBackbone, "_text", lambda self, row: torch.full((16,), value))
    with pytest.raises(WeightsError, match="no numbers, or zeros, for the class 'cat'"):
        hook().before_train(runner(head()))


@pytest.mark.parametrize(("its_head", "name"), [(None, "none"), (nn.Linear(2, 2), "Linear")], ids=str)
def test_a_model_without_such_a_head(runner, its_head, name):
    with pytest.raises(ConfigError, match=f"the Module has {name}: set model.head to TagFogHead"):
        hook().before_train(runner(its_head))


@pytest.mark.parametrize(
    "backbone", [{"type": "ResNet", "depth": 18}, {"type": "OpenClipBackbone"}, {}, "ViT-L-14"], ids=str
)
def test_a_backbone_that_is_no_text_tower(backbone):
    with pytest.raises(ConfigError, match="which is no text tower"):
        TextAnchorHook(backbone, PROMPTS)


@pytest.mark.parametrize("descriptions", [{"type": "NegMining"}, "a.tsv", {"type": "PlainPromts"}], ids=str)
def test_descriptions_of_another_kind(descriptions):
    with pytest.raises(ConfigError, match=r"DescriptionFile|did you mean 'PlainPrompts'"):
        TextAnchorHook(ConfigDict(STAND_IN), descriptions)


SCRIPT = """
import logging, sys
from types import SimpleNamespace
import torch
from torch import distributed
import mmneglabel, stand_in
from test_engine.test_anchor_hook import head, hook

folder, rank = sys.argv[1], int(sys.argv[2])
distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
if rank:
    stand_in.StandInBackbone.__init__ = None  # whoever builds a tower here fails
for classes in (["cat", "owl"], ["cat", "big_dog", "owl"]):
    model = torch.nn.Module()
    model.head = head()
    loader = SimpleNamespace(dataset=SimpleNamespace(metainfo={"classes": classes}))
    runner = SimpleNamespace(
        model=model, train_dataloader=loader, iter=0, work_dir=folder, logger=logging.getLogger()
    )
    try:
        hook().before_train(runner)
        torch.save(model.head.anchors, f"{folder}/anchors{rank}.pt")
    except mmneglabel.errors.ConfigError as error:
        print(error)
distributed.destroy_process_group()
"""


def test_two_processes_share_one_tower_and_its_errors(runner, tmp_path, forking):
    ranks = forking.run_together(*(("-c", SCRIPT, tmp_path, rank) for rank in (0, 1)), cwd=tmp_path)
    assert [process.returncode for process in ranks] == [0, 0], ranks
    assert all("names 2 classes and model.head.num_classes is 3" in process.stdout for process in ranks)
    alone = runner(head())
    hook().before_train(alone)
    for rank in (0, 1):
        assert torch.equal(torch.load(tmp_path / f"anchors{rank}.pt"), alone.model.head.anchors)
