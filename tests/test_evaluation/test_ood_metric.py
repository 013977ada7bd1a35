import logging
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS
from mmpretrain.structures import DataSample

from mmneglabel.errors import ConfigError, DataError
from mmneglabel.evaluation.id_images import keep_to_id_images
from mmneglabel.evaluation.ood_metric import OODMetric
from mmneglabel.evaluation.table import format_table
from mmneglabel.results import load

META = {"id_set": "ID", "ood_sets": ("sun", "moon"), "groups": {"near": ("moon",)}}
SIZES = {"ID": 11, "sun": 7, "moon": 5}  # 23 images: neither 2 nor 3 processes divide them.
TOTAL = sum(SIZES.values())
UNREADABLE = {0, 12}


def make_samples(unreadable=UNREADABLE):
    """Return the benchmark's images as scored data samples, in dataset order."""
    rng = np.random.default_rng(1)
    names = [name for name, size in SIZES.items() for _ in range(size)]
    samples = []
    for i, name in enumerate(names):
        sample = DataSample(
            metainfo={
                "ood_set": name,
                "sample_idx": i,
                "img_path": f"{name}/{i}.jpg",
                "unreadable": f"{name}/{i}.jpg: broken" if i in unreadable else None,
            }
        )
        sample.set_pred_label(int(rng.integers(0, 2)))
        sample.set_gt_label(torch.tensor([i % 2] if name == "ID" else [], dtype=torch.long))
        values = rng.normal(name == "ID", 1, 2)
        sample.ood_scores = {"neglabel": float(values[0]), "mcm": float(values[1])}
        sample.log_odds = {"neglabel": 2 * float(values[0])}
        places, sizes = torch.tensor([i, 1, 2, 3, 4]), torch.full((5,), 0.1)
        sample.shares = {"labels": places, "label_shares": sizes, "negatives": places + 1, "negative_shares": sizes}
        samples.append(sample)
    return samples


def evaluate(samples, batch_size=4, meta=META, beside=(), **kwargs):
    metric = OODMetric(**kwargs)
    evaluator = Evaluator([metric, *beside])
    evaluator.dataset_meta = meta
    keep_to_id_images(evaluator)
    for start in range(0, len(samples), batch_size):
        evaluator.process(samples[start : start + batch_size])
    return evaluator.evaluate(TOTAL), metric.report


@pytest.fixture
def log(caplog):
    """Capture what the current MMLogger writes."""
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO):
        yield caplog
    logger.removeHandler(caplog.handler)


def test_registered_and_prefixed():
    metric = METRICS.build({"type": "OODMetric", "unreadable": "skip", "prefix": "other"})
    assert metric.prefix == "other"
    assert OODMetric().prefix == "ood"
    assert OODMetric().report is None


def test_returns_means_and_keeps_the_report(log):
    values, report = evaluate(make_samples(), unreadable="skip")
    assert {key.split("/")[0] for key in values} == {"ood"}
    assert values["ood/neglabel/auroc"] == report.metrics["neglabel"]["mean"]["auroc"]
    assert values["ood/mcm/near/fpr95_id_positive"] == report.metrics["mcm"]["moon"]["fpr95_id_positive"]
    assert values["ood/id_accuracy"] == report.id_accuracy
    assert not any("sun" in key for key in values)
    assert report.counts["ID"] == {"images": 10, "skipped": 1}
    assert report.images.score_names == ("neglabel", "mcm")
    assert log.text.count(format_table(report)) == 1
    assert "skipped an unreadable image: sun/12.jpg: broken" in log.text


def test_accuracy_counts_labelled_id_images_alone():
    samples = make_samples(unreadable=())
    right = [int(sample.pred_label) == int(sample.gt_label) for sample in samples[: SIZES["ID"]]]
    assert evaluate(samples)[1].id_accuracy == np.mean(right)


def test_per_sample_scores_stand_in_dataset_order():
    samples = make_samples()
    shuffled = [samples[i] for i in np.random.default_rng(0).permutation(TOTAL)]
    report = evaluate(shuffled, unreadable="skip")[1]
    assert [report.images.set_names[i] for i in report.images.set_index] == [sample.ood_set for sample in samples]
    want = [np.nan if i in UNREADABLE else sample.ood_scores["mcm"] for i, sample in enumerate(samples)]
    np.testing.assert_array_equal(report.images.score("mcm"), want)


def test_a_negative_label_is_none():
    samples = make_samples(unreadable=())
    want = evaluate(samples)[1].images.pred_label[3 : SIZES["ID"]]
    for sample in samples[:3]:
        sample.set_gt_label(torch.tensor([-5]))
    right = [label == i % 2 for i, label in enumerate(want, 3)]
    assert evaluate(samples)[1].id_accuracy == np.mean(right)


@pytest.mark.parametrize("batch_size", [1, 5, 23])
def test_batch_size_changes_nothing(batch_size):
    want_values, want_report = evaluate(make_samples(), unreadable="skip")
    values, report = evaluate(make_samples(), batch_size, unreadable="skip")
    assert values == want_values
    assert format_table(report) == format_table(want_report)


def test_many_skipped_images_are_not_all_listed(log):
    evaluate(make_samples(unreadable={*range(1, 11), *range(12, 18)}), unreadable="skip")
    assert log.text.count("skipped an unreadable image") == 10
    assert "skipped 6 more unreadable images" in log.text


def test_stops_at_an_unreadable_image_by_default():
    with pytest.raises(DataError, match=r"unreadable image ID/0\.jpg: broken; mend it, or set unreadable='skip'"):
        evaluate(make_samples())


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_named(value):
    samples = make_samples(unreadable=())
    samples[15].ood_scores["mcm"] = value
    with pytest.raises(DataError, match=rf"score 'mcm' is {value} for image sun/15\.jpg of set 'sun'") as info:
        evaluate(samples)
    assert "\n" not in str(info.value)


def test_the_score_of_an_unreadable_image_may_be_anything():
    samples = make_samples(unreadable={15})
    samples[15].ood_scores["mcm"] = math.nan
    assert evaluate(samples, unreadable="skip")[1].counts["sun"]["skipped"] == 1


def test_unlabelled_id_set():
    samples = make_samples(unreadable=())
    for sample in samples:
        del sample.gt_label
    values, report = evaluate(samples)
    assert report.id_accuracy is None
    assert "ood/id_accuracy" not in values


@pytest.mark.parametrize("key", ["ood_set", "sample_idx", "ood_scores"])
def test_missing_keys_are_named(key):
    samples = make_samples(unreadable=())
    delattr(samples[0], key)
    with pytest.raises(ConfigError, match=f"no '{key}'"):
        evaluate(samples)


@pytest.mark.parametrize("meta", [None, {}, {"classes": ("cat",)}])
def test_another_dataset_is_refused(meta):
    with pytest.raises(ConfigError, match="does not name its sets"):
        evaluate(make_samples(unreadable=()), meta=meta)


def test_unknown_set_is_named():
    with pytest.raises(ConfigError, match="an image is of set 'moon', but the benchmark's sets are ID, sun"):
        evaluate(make_samples(unreadable=()), meta={**META, "ood_sets": ("sun",)})


@pytest.mark.parametrize(
    ("again", "says"), [([0], "1 of 23 images were evaluated twice"), ([], "1 of 23 images were not evaluated")]
)
def test_a_sampler_that_leaves_images_out_is_noticed(again, says):
    samples = make_samples(unreadable=())
    with pytest.raises(ConfigError, match=says):
        evaluate([*samples[:-1], *(samples[i] for i in again)])


def test_of_an_image_that_came_twice_the_first_counts():
    samples = make_samples(unreadable=())
    again = make_samples(unreadable=())[3]
    again.ood_scores = {"neglabel": 99.0, "mcm": 99.0}
    assert evaluate([*samples, again])[0] == evaluate(samples)[0]


def test_what_explains_a_score_is_kept():
    images = evaluate(make_samples(), unreadable="skip")[1].images
    assert images.log_odds_names == ("neglabel",)
    np.testing.assert_array_equal(images.log_odds[:, 0], 2 * images.scores[:, 0])
    assert images.shares["negatives"][:, 0].tolist() == list(range(1, TOTAL + 1))
    assert images.shares["label_shares"].dtype == np.float32


def test_without_it_nothing_is_kept():
    samples = make_samples(unreadable=())
    for sample in samples:
        del sample.log_odds, sample.shares
    images = evaluate(samples)[1].images
    assert (images.log_odds_names, images.log_odds.shape, images.shares) == ((), (TOTAL, 0), {})


def test_unknown_mode():
    with pytest.raises(ConfigError, match="unreadable='ignore'; choose 'stop' or 'skip'"):
        OODMetric(unreadable="ignore")


def run_rank(rank, folder):
    """Evaluate one process's share of the images, as MMEngine's DefaultSampler deals them out, among 3, then 2."""
    for world_size in (3, 2):
        if rank < world_size:
            share_of_rank(rank, world_size, f"{folder}/{world_size}")


def share_of_rank(rank, world_size, folder):
    torch.distributed.init_process_group("gloo", f"file://{folder}.store", rank=rank, world_size=world_size)
    samples = make_samples()
    padded = math.ceil(TOTAL / world_size) * world_size
    indices = [i % TOTAL for i in range(padded)][rank::world_size]
    beside = [METRICS.build({"type": "Accuracy", "collect_device": "gpu"})]
    values, report = evaluate([samples[i] for i in indices], beside=beside, unreadable="skip")
    assert values.pop("accuracy/top1") == pytest.approx(100 * values["ood/id_accuracy"])
    assert (report is not None) == (rank == 0)
    torch.save(values, f"{folder}.values{rank}.pt")
    if rank == 0:
        report.results().save(f"{folder}.safetensors")
        Path(f"{folder}.txt").write_text(format_table(report))
    torch.distributed.destroy_process_group()


def test_processes_change_nothing(tmp_path, forking):
    want_values, want_report = evaluate(make_samples(), unreadable="skip")
    script = "import sys; from test_evaluation.test_ood_metric import run_rank; run_rank(int(sys.argv[1]), sys.argv[2])"
    done = forking.run_together(*(("-c", script, rank, tmp_path) for rank in range(3)), cwd=tmp_path)
    assert [process.returncode for process in done] == [0] * 3, done
    for world_size in (2, 3):
        for rank in range(world_size):
            assert torch.load(tmp_path / f"{world_size}.values{rank}.pt") == want_values
        assert (tmp_path / f"{world_size}.txt").read_text() == format_table(want_report)
        got, want = load(tmp_path / f"{world_size}.safetensors"), want_report.images
        assert got.unreadable == want.unreadable
        for name in ("set_index", "scores", "pred_label", "gt_label", "log_odds"):
            np.testing.assert_array_equal(getattr(got, name), getattr(want, name))
        np.testing.assert_array_equal(got.shares["labels"], want.shares["labels"])
