"""A classifier of MMPretrain labels, the detector decides: in tables as on single pictures."""

import re

import pytest
import torch
from mmengine.config import Config
from mmpretrain.apis import ImageClassificationInferencer, get_model
from test_tools.launching import error_line, launch
from tested_demo import tested  # noqa: F401 - a fixture

from mmneglabel import results
from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.export import export
from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.engine.work_dir import config_of
from mmneglabel.errors import ConfigError
from mmneglabel.models.labeller import Labeller

CONFIG = """
model = dict(
    type="ImageClassifier",
    backbone=dict(type="ResNet_CIFAR", depth=18, stem_channels=8, base_channels=8),
    neck=dict(type="GlobalAveragePooling"),
    head=dict(type="LinearClsHead", num_classes={classes}, in_channels=64),
    data_preprocessor=dict(mean=[100, 120, 140], std=[50, 60, 70], to_rgb=True),
)
test_dataloader = dict(dataset=dict(type="CustomDataset", pipeline=[
    dict(type="LoadImageFromFile"), dict(type="Resize", scale=(32, 32)), dict(type="PackInputs"),
]))
"""


@pytest.fixture
def classifier(tmp_path):
    """A config and a checkpoint of random weights, of so many classes."""

    def write(classes=108):
        (tmp_path / "resnet.py").write_text(CONFIG.format(classes=classes))
        torch.manual_seed(0)
        model = get_model(Config.fromfile(tmp_path / "resnet.py"), pretrained=False)
        torch.save(model.state_dict(), tmp_path / "resnet.pth")
        return {"model": str(tmp_path / "resnet.py"), "checkpoint": str(tmp_path / "resnet.pth")}

    return write


def run(tested, given, out, tool=run_test, *more):  # noqa: F811
    options = ["--cfg-options", f"model.predict_with={ {'_delete_': True, **given} }", *more]
    return launch(tool, config_of(tested).filename, *options, "--work-dir", out)


def test_it_labels_in_tables_as_it_does_alone(tested, classifier, tmp_path):  # noqa: F811
    given = classifier()
    assert run(tested, given, tmp_path / "work") == 0
    found, before = results.load(tmp_path / "work"), results.load(tested)
    assert found.score("NegLabel").tolist() == before.score("NegLabel").tolist()
    assert found.run["labels"] == "ImageClassifier"
    paths = list(found.paths)
    alone = ImageClassificationInferencer(given["model"], given["checkpoint"])(paths, batch_size=64)
    assert found.pred_label.tolist() == [one["pred_label"] for one in alone]
    rows = NegLabelInferencer(tmp_path / "work")(paths, batch_size=64)
    assert [row["pred_label"] for row in rows] == found.pred_label.tolist()
    rows = NegLabelInferencer(tested, classifier=(given["model"], given["checkpoint"]))(paths, batch_size=64)
    assert [row["pred_label"] for row in rows] == found.pred_label.tolist()


def test_its_weights_are_not_the_detectors(tested, classifier, tmp_path):  # noqa: F811
    changed = f"model = dict(predict_with=dict(_delete_=True, **{classifier()}))"
    (tmp_path / "other.py").write_text(f'_base_ = "{config_of(tested).filename}"\n{changed}\n')
    keys = NegLabelInferencer(tmp_path / "other.py").model.state_dict().keys()
    assert keys == NegLabelInferencer(tested).model.state_dict().keys()


@pytest.mark.parametrize(
    ("change", "more", "says"),
    [
        ({"classes": 3}, (), r"gives \(\d+, 3\) probabilities for \d+ pictures, and the detector has 108 classes"),
        ({}, ("test_dataloader.dataset.pipeline=[{'type': 'LoadRGBImage'}, {'type': 'PackInputs', 'meta_keys': "
              "['img_path', 'unreadable']}]",), "has a pipeline of its own, in which nothing makes pixels"),
    ],
)  # fmt: skip
def test_what_is_refused(change, more, says, tested, classifier, tmp_path, capsys):  # noqa: F811
    assert run(tested, classifier(**change), tmp_path / "work", run_test, *more) == 1
    assert re.search(says, error_line(capsys))


def test_classes_in_another_order_are_refused_on_single_pictures_too(tested, classifier, tmp_path):  # noqa: F811
    given = classifier()
    names = list(results.load(tested).class_names)
    saved = {"state_dict": torch.load(given["checkpoint"]), "meta": {"dataset_meta": {"classes": names[::-1]}}}
    torch.save(saved, given["checkpoint"])
    changed = f"model = dict(predict_with=dict(_delete_=True, **{given}))"
    (tmp_path / "other.py").write_text(f'_base_ = "{config_of(tested).filename}"\n{changed}\n')
    with pytest.raises(ConfigError, match=r"model\.predict_with"):
        NegLabelInferencer(tmp_path / "other.py")


def test_it_is_not_baked_along(tested, classifier, tmp_path):  # noqa: F811
    given = classifier()
    for labels in (tuple(given.values()), lambda pictures: torch.ones(len(pictures), 108)):
        with pytest.raises(ConfigError, match="is not baked along"):
            export(NegLabelInferencer(tested, classifier=labels), tmp_path / "out")


def test_kept_features_have_no_pixels(tested, classifier, tmp_path, capsys):  # noqa: F811
    assert launch(run_test, config_of(tested).filename, "--work-dir", tmp_path / "work", "--save-features") == 0
    assert run(tested, classifier(), tmp_path / "again", run_rescore) == 1
    assert "these samples have no pixels for it: kept features hold none" in error_line(capsys)


def test_a_classifier_that_is_none():
    with pytest.raises(ConfigError, match="MMPretrain has no classifier 'resnet18_of_nobody'"):
        Labeller("resnet18_of_nobody")
