"""Other metrics beside OODMetric in real runs: they measure ID images, and what is dumped is all of it."""

import pickle

import pytest
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner
from mmpretrain.registry import METRICS
from small_posthoc import small_posthoc

from mmneglabel.evaluation.id_images import OfIDImages, keep_to_id_images


def others(folder):
    """Those of MMPretrain that read labels, and MMEngine's that reads nothing."""
    kinds = ["OODMetric", "Accuracy", "SingleLabelMetric", "ConfusionMatrix"]
    return [*({"type": kind} for kind in kinds), {"type": "DumpResults", "out_file_path": str(folder / "dump.pkl")}]


def check(runner, folder):
    """One test of 17 ID images among 31, in batches of 4."""
    values = runner.test()
    assert values["accuracy/top1"] == pytest.approx(100 * values["ood/id_accuracy"])
    assert "single-label/recall" in values
    confusion = values["confusion_matrix/result"]
    assert (confusion.sum(), confusion.trace()) == (17, pytest.approx(17 * values["ood/id_accuracy"]))
    with (folder / "dump.pkl").open("rb") as file:
        dumped = pickle.load(file)
    assert len(dumped) == 31
    tensors = [sample[key] for sample in dumped for key in ("pred_score", "pred_label")]
    assert all(tensor.untyped_storage().nbytes() == tensor.nbytes for tensor in tensors)


def test_beside_zero_shot_scores(small_config, tmp_path):
    config = Config.fromfile(small_config(test_evaluator=others(tmp_path)))
    check(Runner.from_cfg(config), tmp_path)


def test_beside_posthoc_scores(pictures, tmp_path):
    check(Runner.from_cfg(small_posthoc(pictures, tmp_path / "work", test_evaluator=others(tmp_path))), tmp_path)


def test_in_a_validation(pictures, tmp_path):
    config = small_posthoc(pictures, tmp_path / "work")
    config.update(val_cfg={}, val_evaluator=others(tmp_path)[:2], val_dataloader=config.test_dataloader)
    values = Runner.from_cfg(config).val()
    assert values["accuracy/top1"] == pytest.approx(100 * values["ood/id_accuracy"])


def test_again_changes_nothing():
    evaluator = Evaluator([{"type": "mmpretrain.OODMetric"}, METRICS.build({"type": "Accuracy"})])
    for _ in range(2):
        keep_to_id_images(evaluator)
        assert isinstance(evaluator.metrics[1], OfIDImages)
        assert not isinstance(evaluator.metrics[1].metric, OfIDImages)
