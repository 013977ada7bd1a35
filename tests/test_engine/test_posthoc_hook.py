"""Real Runner runs in this process: fitting on training images, scoring, metrics."""

import json

import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from small_posthoc import SCORES, small_posthoc

from mmneglabel.engine import PassThroughWrapper, PostHocFitHook
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.results import load

DATASET = "custom_hooks.0.dataloader.dataset"


@pytest.fixture
def make(pictures, tmp_path):
    """A runner of the small config with changes merged in."""

    def make(**changes):
        return Runner.from_cfg(small_posthoc(pictures, tmp_path / "work", **changes))

    return make


@pytest.fixture
def knn_scores(tmp_path):
    """KNN's scores of the last run: 0 for images that the detector was fitted on, with the weights of that run."""

    def read():
        return load(tmp_path / "work").score("KNN")

    return read


def features(runner):
    """What the runner's hook would fit on."""
    (hook,) = (hook for hook in runner.hooks if isinstance(hook, PostHocFitHook))
    return hook._training_features(runner, runner.model, runner.test_dataloader.dataset.metainfo)


def test_every_score_stands_in_the_table(make, knn_scores, tmp_path):
    runner = make()
    flat = runner.test()
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    run = metrics.pop("_run")["scores"]
    assert run["KNN"] == {"type": "KNNScore", "k": 1}
    assert run["ODIN"] == {"type": "ODINScore", "temperature": 1000.0, "epsilon": 0.0014}
    assert list(metrics) == list(SCORES)
    assert run.keys() == metrics.keys()
    for score, by_set in metrics.items():
        assert set(by_set) == {"near", "far", "mean"}
        assert by_set["mean"]["id_accuracy"] == flat["ood/id_accuracy"]
        assert flat[f"ood/{score}/auroc"] == by_set["mean"]["auroc"]
    log = next((tmp_path / "work").glob("*/*.log")).read_text()
    assert "Features of 17 ID training images taken in" in log
    assert "Score 'KNN': neighbour 1 of 17 images; fitted in" in log
    assert "Score 'MSP'" not in log
    assert knn_scores()[:17] == pytest.approx(0, abs=1e-6)
    assert (knn_scores()[17:] < -1e-3).all()


def test_features_and_labels_are_in_the_order_of_the_set(make):
    runner = make(**{"custom_hooks.0.dataloader.batch_size": 3})
    model, dataset = runner.model, runner.test_dataloader.dataset
    model.train()
    training = features(runner)
    assert model.training
    assert training.labels.tolist() == [0] * 5 + [1] * 6 + [2] * 6
    batch = model.data_preprocessor(default_collate([dataset[i] for i in range(17)]))
    torch.testing.assert_close(training.features, model.eval().penultimate(batch["inputs"]))


def test_a_random_choice_is_the_same_every_time(make):
    whole = features(make()).features
    chosen = [features(make(**{"custom_hooks.0.max_images": 9, "randomness.seed": seed})) for seed in (0, 0, 1)]
    assert chosen[0].features.equal(chosen[1].features)
    assert chosen[0].labels.equal(chosen[2].labels)
    rows = (torch.cdist(chosen[0].features, whole) < 1e-6).nonzero()[:, 1].tolist()
    assert rows == sorted(rows) != list(range(9))


def test_nothing_is_read_if_no_score_learns(make):
    nowhere = {f"{DATASET}.data_root": "/nowhere"}
    only = {"model.scores": {"_delete_": True, "MSP": SCORES["MSP"]}}
    assert "ood/MSP/auroc" in make(**nowhere, **only).test()
    with pytest.raises(DataError, match="ID training set: No such file or directory: /nowhere"):
        make(**nowhere).test()


def test_validation_scores_without_fitting(pictures, tmp_path):
    config = small_posthoc(pictures, tmp_path / "work", **{f"{DATASET}.data_root": "/nowhere"})
    config.val_dataloader, config.val_evaluator, config.val_cfg = config.test_dataloader, config.test_evaluator, {}
    names = {name.split("/")[1] for name in Runner.from_cfg(config).val()}
    assert names & SCORES.keys() == {"MSP", "MaxLogit", "Energy", "ODIN"}


def test_a_second_test_learns_anew(make, knn_scores):
    runner = make()
    runner.test()
    with torch.no_grad():
        runner.model.backbone.conv1.weight.neg_()
    runner.test()
    assert knn_scores()[:17] == pytest.approx(0, abs=1e-6)


@HOOKS.register_module()
class OtherAverages(Hook):
    """Makes the averaged weights unlike the last ones, as training does."""

    def before_test(self, runner):
        (ema,) = (hook for hook in runner.hooks if type(hook).__name__ == "EMAHook")
        ema.ema_model.module.backbone.conv1.weight.data.neg_()


def test_averaged_weights_are_learned_from(make, knn_scores):
    """EMAHook puts its weights in place just before the first batch of a test."""
    runner = make()
    runner.register_custom_hooks([{"type": "EMAHook"}, {"type": "OtherAverages"}])
    before = runner.model.backbone.conv1.weight.clone()
    seen = []
    runner.model.backbone.conv1.register_forward_hook(lambda conv, *_: seen.append(conv.weight.detach().clone()))
    runner.test()
    assert all(weight.equal(-before) for weight in seen)
    assert knn_scores()[:17] == pytest.approx(0, abs=1e-6)


def test_works_in_a_wrapper_and_under_autocast(make):
    runner = make(**{"test_cfg.fp16": True})
    seen = []
    runner.model.backbone.register_forward_hook(lambda _, __, feats: seen.append(feats[0].dtype))
    runner.model = PassThroughWrapper(runner.model)
    assert np.isfinite(runner.test()["ood/ViM/auroc"])
    # Training and test images alike; ODIN's own passes are in float32.
    assert seen[:5] == [torch.bfloat16] * 5
    assert seen[5:8] == [torch.bfloat16, torch.float32, torch.float32]


@pytest.fixture
def training_pictures(pictures, tmp_path):
    """One picture a class."""
    root = tmp_path / "training"
    for name in "xyz":
        (root / name).mkdir(parents=True)
        (root / name / "0.png").write_bytes((pictures / "id" / name / "0.png").read_bytes())
    return root


def test_classes_must_agree(make, training_pictures):
    with pytest.raises(ConfigError, match="in another order: label 0 is 'y' here and 'x' there"):
        make(**{f"{DATASET}.metainfo": {"classes": ["y", "x", "z"]}}).test()
    (training_pictures / "y").rename(training_pictures / "x" / "y")
    with pytest.raises(ConfigError, match="ID training set gives 2 names, but the ID set has 3 classes"):
        make(**{f"{DATASET}.data_root": str(training_pictures)}).test()


def test_an_unreadable_training_image_is_named(make, training_pictures):
    (training_pictures / "x" / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"ID training set: unreadable image .*x/1.png: not a picture"):
        make(**{f"{DATASET}.data_root": str(training_pictures)}).test()


def test_too_few_training_images_are_one_clear_line(make, training_pictures):
    runner = make(**{f"{DATASET}.data_root": str(training_pictures), "model.scores.KNN.k": 4})
    with pytest.raises(DataError, match="every ID training image equals its class mean"):
        runner.test()
    del runner.model.scores["Mahalanobis"]
    with pytest.raises(DataError, match="k=4 needs as many ID training images, got 3"):
        runner.test()


def test_needs_a_classifier_with_scores(make):
    head = {"type": "LinearClsHead", "num_classes": 3, "in_channels": 64}
    stock = {"type": "ImageClassifier", "backbone": {"type": "ResNet_CIFAR", "depth": 18}, "head": head}
    with pytest.raises(ConfigError, match="PostHocFitHook needs a PostHocClassifier, but the model is ImageClassifier"):
        make(model={"_delete_": True, **stock}).test()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dataloader": {}}, r"give dataloader=dict\(dataset=dict\(type=...\)\)"),
        ({"dataloader": {"dataset": {}}, "max_images": 0}, "max_images must be an integer above 0, got 0"),
    ],
)
def test_refuses_settings_that_mean_nothing(settings, message):
    with pytest.raises(ConfigError, match=message):
        PostHocFitHook(**settings)
