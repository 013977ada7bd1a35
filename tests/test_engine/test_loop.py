"""The loop that reads a batch once the next one is launched, as it does on a GPU: nothing else differs."""

from dataclasses import replace

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from small_benchmark import stream_scores
from small_posthoc import small_posthoc

from mmneglabel.errors import DataError
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.results import load


@pytest.fixture
def ahead(monkeypatch):
    """As if the model were on a GPU."""
    return lambda: monkeypatch.setattr("mmneglabel.engine.loop.on_gpu", lambda model: True)


@HOOKS.register_module(force=True)
class CallsHook(Hook):
    """Writes down what it is called with."""

    def __init__(self):
        self.calls = []

    def before_test_iter(self, runner, batch_idx, data_batch=None):
        self.calls.append(("before", batch_idx))

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        places = [sample.sample_idx for sample in outputs]
        assert places == [sample.sample_idx for sample in data_batch["data_samples"]]
        self.calls.append(("after", batch_idx, places, [sample.ood_scores for sample in outputs]))


def outcome(config, folder):
    """What a test finds: its metrics, all that is told of each image, and what hooks saw."""
    hook = CallsHook()
    config.work_dir = str(folder)
    runner = Runner.from_cfg(config)
    runner.register_hook(hook)
    metrics = runner.test()
    replace(load(folder), made={}).save(folder / "told.safetensors")
    return metrics, *((folder / name).read_bytes() for name in ("metrics.json", "told.safetensors")), hook.calls


@pytest.mark.parametrize("kind", ["zero-shot", "streams", "post-hoc"])
def test_reading_a_batch_late_changes_no_bit(kind, small_config, words, pictures, tmp_path, ahead):
    def config():
        if kind == "post-hoc":
            return small_posthoc(pictures, tmp_path)
        return Config.fromfile(small_config(**({"model.scores": stream_scores(words)} if kind == "streams" else {})))

    *found, calls = outcome(config(), tmp_path / "at once")
    ahead()
    *late, late_calls = outcome(config(), tmp_path / "late")
    assert late == found
    assert [call[:2] for call in calls[:4]] == [("before", 0), ("after", 0), ("before", 1), ("after", 1)]
    assert [call[:2] for call in late_calls[:4]] == [("before", 0), ("before", 1), ("after", 0), ("before", 2)]
    assert [call for call in late_calls if call[0] == "after"] == [call for call in calls if call[0] == "after"]


def test_kept_features_are_read_late_too(small_config, ahead, monkeypatch):
    ahead()
    monkeypatch.setattr("mmneglabel.engine.loop._BLOCK", 7)
    metrics, again = (
        Runner.from_cfg(Config.fromfile(small_config(test_cfg={"type": "OODTestLoop", "features": features}))).test()
        for features in ("keep", "kept")
    )
    assert again == metrics


@pytest.mark.parametrize("next_fails", ["in the model", "in the loader", "not at all"])
def test_the_first_batch_with_a_fault_is_the_one_that_is_told(next_fails, small_config, own_pictures, ahead):
    """Also where the next one, of which the device was told first, has one of its own."""
    ahead()
    config = Config.fromfile(small_config())
    config.test_dataloader.dataset.id_set.data_root = str(own_pictures / "id")
    (own_pictures / "id/x/1.png").write_bytes(b"no picture")
    runner = Runner.from_cfg(config)
    step, dataset = runner.model.test_step, runner.test_dataloader.dataset
    item = type(dataset).__getitem__
    if next_fails == "in the model":
        runner.model.test_step = lambda data: step(data) if data["data_samples"][0].sample_idx == 0 else 1 / 0
    elif next_fails == "in the loader":
        dataset.__class__ = type(
            "Broken", (type(dataset),), {"__getitem__": lambda s, i: item(s, i) if i < 4 else 1 / 0}
        )
    with pytest.raises(DataError, match=r"x/1\.png"):
        runner.test()
    assert runner.model.reads_later is False


@pytest.mark.parametrize(
    ("change", "carried"),
    [
        ({}, False),
        ({"test_evaluator": [{"type": "OODMetric"}, {"type": "Accuracy"}]}, True),
        ({"custom_hooks": [{"type": "NegLabelMiningHook"}, {"type": "OODReportHook"}, {"type": "CallsHook"}]}, True),
    ],
)
def test_probabilities_are_carried_where_somebody_may_read_them(small_config, change, carried, monkeypatch):
    seen, process = [], OODMetric.process

    def look(metric, data_batch, data_samples):
        seen.extend("pred_score" in sample for sample in data_samples)
        process(metric, data_batch, data_samples)

    monkeypatch.setattr(OODMetric, "process", look)
    runner = Runner.from_cfg(Config.fromfile(small_config(**change)))
    runner.test()
    assert (len(seen), set(seen)) == (31, {carried})
    assert runner.model.says_probabilities is True
