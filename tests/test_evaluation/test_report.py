import json

import numpy as np
import pytest

from mmneglabel.errors import DataError
from mmneglabel.evaluation import METRIC_NAMES, OODReport, ood_metrics
from mmneglabel.evaluation.report import label_doubt
from mmneglabel.evaluation.table import format_table

SETS = ("ImageNet-1k", "iNaturalist", "SUN", "NINCO")
GROUPS = {"near": ("NINCO",), "far": ("iNaturalist", "SUN")}


def make_report(skip=(), groups=GROUPS, labelled=True, per_set=(40, 30, 20, 10)):
    """Two scores on an ID set and three OOD sets, images of the sets mixed."""
    rng = np.random.default_rng(5)
    set_index = rng.permutation(np.repeat(np.arange(len(SETS)), per_set))
    scores = rng.normal(set_index[:, None] == 0, 1, (len(set_index), 2))
    gt_label = (
        np.where(set_index == 0, rng.integers(0, 2, len(set_index)), -1) if labelled else np.full_like(set_index, -1)
    )
    return OODReport(
        score_names=("neglabel", "mcm"),
        set_names=SETS,
        set_index=set_index,
        scores=scores,
        pred_label=np.zeros_like(set_index),
        gt_label=gt_label,
        unreadable=tuple(f"{i}.jpg: broken" if i in skip else None for i in range(len(set_index))),
        groups=groups,
    )


def of_set(report, name, column):
    chosen = (report.set_index == SETS.index(name)) & np.array([message is None for message in report.unreadable])
    return report.scores[chosen, column]


def test_every_set_group_and_mean():
    report = make_report()
    for column, score in enumerate(report.score_names):
        blocks = report.metrics[score]
        assert list(blocks) == ["iNaturalist", "SUN", "NINCO", "near", "far", "mean"]
        id_scores = of_set(report, "ImageNet-1k", column)
        for name in SETS[1:]:
            assert blocks[name] == ood_metrics(id_scores, of_set(report, name, column))
        for metric in METRIC_NAMES:
            per_set = {name: blocks[name][metric] for name in SETS[1:]}
            assert blocks["near"][metric] == per_set["NINCO"]
            assert blocks["far"][metric] == pytest.approx((per_set["iNaturalist"] + per_set["SUN"]) / 2)
            assert blocks["mean"][metric] == pytest.approx(np.mean(list(per_set.values())))


def test_id_accuracy():
    report = make_report()
    labels = report.gt_label[report.set_index == 0]
    assert report.id_accuracy == np.mean(labels == 0)
    assert all(blocks["mean"]["id_accuracy"] == report.id_accuracy for blocks in report.metrics.values())
    assert "id_accuracy" not in report.metrics["mcm"]["SUN"]


def test_without_labels_there_is_no_accuracy():
    report = make_report(labelled=False)
    assert report.id_accuracy is None
    assert "id_accuracy" not in report.metrics["mcm"]["mean"]
    assert "id_accuracy" not in report.means()
    assert "accuracy unknown (no labels)" in format_table(report)


def test_json_round_trip():
    report = make_report()
    assert json.loads(json.dumps(report.to_json(), allow_nan=False)) == report.metrics


def test_means_are_flat():
    report = make_report()
    means = report.means()
    assert len(means) == 2 * 3 * len(METRIC_NAMES) + 1
    assert means["neglabel/auroc"] == report.metrics["neglabel"]["mean"]["auroc"]
    assert means["mcm/far/fpr95_id_positive"] == report.metrics["mcm"]["far"]["fpr95_id_positive"]
    assert means["id_accuracy"] == report.id_accuracy


def test_skipped_images_count_nowhere():
    plain = make_report()
    skip = {int(np.flatnonzero(plain.set_index == position)[0]) for position in (0, 2)}
    report = make_report(skip)
    assert report.counts == {
        "ImageNet-1k": {"images": 39, "skipped": 1},
        "iNaturalist": {"images": 30, "skipped": 0},
        "SUN": {"images": 19, "skipped": 1},
        "NINCO": {"images": 10, "skipped": 0},
    }
    report.scores[sorted(skip)] = np.nan  # Whatever the model made of the black picture is not looked at.
    want = ood_metrics(of_set(report, "ImageNet-1k", 0), of_set(report, "SUN", 0))
    assert report.metrics["neglabel"]["SUN"] == want
    assert "Skipped:  2 unreadable, not counted above (ImageNet-1k 1, SUN 1)" in format_table(report)
    assert "Skipped" not in format_table(plain)


def test_arrays_hold_every_sample_in_order():
    report = make_report(skip={3})
    arrays = report.arrays()
    assert list(arrays) == ["set", "skipped", "pred_label", "gt_label", "score/neglabel", "score/mcm"]
    assert arrays["set"].tolist() == [SETS[i] for i in report.set_index]
    assert np.flatnonzero(arrays["skipped"]).tolist() == [3]
    assert np.isnan(arrays["score/mcm"]).nonzero()[0].tolist() == [3]
    np.testing.assert_array_equal(np.delete(arrays["score/mcm"], 3), np.delete(report.scores[:, 1], 3))


def test_arrays_can_be_saved_without_pickle(tmp_path):
    np.savez(tmp_path / "scores.npz", **make_report().arrays())
    with np.load(tmp_path / "scores.npz", allow_pickle=False) as saved:
        assert saved["set"][0] in SETS
        assert saved["score/neglabel"].dtype == np.float64


def test_table_reads_well():
    report = make_report()
    lines = format_table(report).splitlines()
    assert lines[0] == f"ID set:   ImageNet-1k, 40 images, accuracy {100 * report.id_accuracy:.2f} %"
    assert lines[1] == "OOD sets: 60 images (iNaturalist 30, SUN 20, NINCO 10)"
    rows = [line for line in lines if line.split() and line.split()[-1].replace(".", "").isdigit()]
    assert [row.split()[0] for row in rows[::2]] == ["iNaturalist", "SUN", "NINCO", "near", "far", "mean"]
    assert all(row.startswith(" ") and row.split()[0] == "mcm" for row in rows[1::2])
    mean = report.metrics["neglabel"]["mean"]
    assert rows[-2].split() == ["mean", "neglabel", *(f"{100 * mean[metric]:.2f}" for metric in METRIC_NAMES)]
    header = next(line for line in lines if line.startswith("OOD set "))
    assert header.split()[-5:] == ["AUROC", "AUPR-in", "AUPR-out", "FPR95-ID", "FPR95-OOD"]
    assert len({len(row) for row in [header, *rows]}) == 1
    assert "Positive class: ID in AUROC" in format_table(report)
    assert format_table(report).isascii()


def test_no_groups():
    assert list(make_report(groups={}).metrics["mcm"]) == ["iNaturalist", "SUN", "NINCO", "mean"]


@pytest.mark.parametrize(
    ("position", "message"),
    [(2, "OOD set 'SUN': none of its 20 images could be read"), (0, "ID set 'ImageNet-1k': none of its 40 images")],
)
def test_a_set_of_which_nothing_could_be_read(position, message):
    skip = set(np.flatnonzero(make_report().set_index == position).tolist())
    with pytest.raises(DataError, match=message):
        _ = make_report(skip).metrics


def test_a_set_without_images():
    with pytest.raises(DataError, match="OOD set 'NINCO': no image of it was evaluated"):
        _ = make_report(per_set=(40, 30, 20, 0)).metrics


def test_nan_names_score_and_set():
    report = make_report()
    report.scores[np.flatnonzero(report.set_index == 2)[4], 1] = np.nan
    with pytest.raises(DataError, match=r"score 'mcm' on .* OOD set 'SUN': 1 of 20 OOD scores are not finite") as info:
        _ = report.metrics
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    ("accurate", "step", "count", "says"),
    [
        (0.9, 0, 100, None),
        (0.9, 1, 100, "90.0% with every label one lower"),
        (0.6, -1, 1000, "60.0% with every label one higher"),
        (0.9, 1, 19, None),  # too few to say
        (0.4, 1, 100, None),  # no accuracy that speaks for itself, and too few for chance
        (0.4, 5, 1000, "below chance (1 in 15)"),
        (0.1, 0, 1000, None),  # as good as guessing
    ],
)
def test_doubt_of_labels(accurate, step, count, says):
    """Of ten classes a share is named right, and then every label is moved by ``step``."""
    truth = np.arange(count) % 10
    predicted = np.where(np.arange(count) // 10 % 10 < 10 * accurate, truth, (truth + 3) % 10)
    doubt = label_doubt(predicted, truth + step)
    assert doubt is None if says is None else says in doubt
