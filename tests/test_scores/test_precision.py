"""A program may let its networks multiply in TF32: scores do not, and say so where their network did."""

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import TASK_UTILS
from small_posthoc import small_posthoc

from mmneglabel.calibration import detector_facts
from mmneglabel.errors import DataError
from mmneglabel.features import feature_recipe
from mmneglabel.results import load
from mmneglabel.scores import EnergyScore, precision
from mmneglabel.scores.precision import full_precision, in_tf32


@pytest.fixture(params=[False, True])
def coarse(request, monkeypatch):
    """Whether TF32 is on, as it would be on a GPU."""
    for place in ("features.recipe", "engine.report_hook"):
        monkeypatch.setattr(f"mmneglabel.{place}.on_gpu", lambda model: True)
    before = getattr(precision._MATMUL, precision._SETTING)
    if request.param:
        setattr(precision._MATMUL, precision._SETTING, precision._COARSE)
    yield request.param
    setattr(precision._MATMUL, precision._SETTING, before)


@TASK_UTILS.register_module(force=True)
class WatchingScore(EnergyScore):
    """What precision it was asked in."""

    seen = ()

    def __call__(self, seen):
        WatchingScore.seen += (in_tf32(), torch.is_autocast_enabled("cpu"))
        return super().__call__(seen)


def test_it_is_as_before_afterwards(coarse):
    with pytest.raises(KeyError), full_precision(torch.device("cpu")):
        raise KeyError
    assert in_tf32() is coarse


@pytest.mark.parametrize("kind", ["zero-shot", "post-hoc"])
def test_scores_are_in_full_precision_and_the_run_says_what_the_network_was_in(
    kind, coarse, small_config, pictures, tmp_path, monkeypatch
):
    monkeypatch.setattr(WatchingScore, "seen", ())
    changes = {"model.scores": {"_delete_": True, "a": {"type": "WatchingScore"}}, "test_cfg.fp16": True}
    if kind == "post-hoc":
        config = small_posthoc(pictures, tmp_path / "work", **changes)
    else:
        config = Config.fromfile(small_config(**changes))
    runner = Runner.from_cfg(config)
    runner.test()
    assert set(WatchingScore.seen) == {False}
    run = load(tmp_path / "work").run
    assert run.get("tf32") == (True if coarse else None)
    if kind == "zero-shot":
        recipe = feature_recipe(runner.model, config.test_dataloader.dataset, autocast=False)
        assert recipe.pop("tf32", False) is coarse
        assert list(recipe) == ["image_tower", "pixels", "preprocessor", "autocast", "dataset"]
    if coarse:
        with pytest.raises(DataError, match=r"half precision or TF32, which no threshold is for"):
            detector_facts({**run, "autocast": False}, "a")
