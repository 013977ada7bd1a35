import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mmneglabel.errors import DataError
from mmneglabel.evaluation import METRIC_NAMES, OODReport, ood_metrics
from mmneglabel.evaluation.table import format_table
from mmneglabel.results import NO_LABEL, PlayedStreams, Results

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
        Results(
            score_names=("neglabel", "mcm"),
            set_names=SETS,
            set_index=set_index,
            scores=scores,
            pred_label=np.zeros_like(set_index),
            gt_label=gt_label,
            unreadable={i: f"{i}.jpg: broken" for i in skip},
            groups=groups,
        )
    )


def of_set(report, name, column):
    return report.images.score(report.images.score_names[column], name)


def test_every_set_group_and_mean():
    report = make_report()
    for column, score in enumerate(report.images.score_names):
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
    labels = report.images.gt_label[report.images.set_index == 0]
    assert report.id_accuracy == np.mean(labels == 0)
    assert all(blocks["mean"]["id_accuracy"] == report.id_accuracy for blocks in report.metrics.values())
    assert "id_accuracy" not in report.metrics["mcm"]["SUN"]


def test_without_labels_there_is_no_accuracy():
    report = make_report(labelled=False)
    assert report.id_accuracy is None
    assert "id_accuracy" not in report.metrics["mcm"]["mean"]
    assert "id_accuracy" not in report.means()
    assert "accuracy unknown (no labels)" in format_table(report)


def test_images_without_a_predicted_class_are_not_taken_for_wrong():
    images = make_report().images
    named = np.flatnonzero(images.set_index == 0)[10:]
    unnamed = np.full_like(images.pred_label, NO_LABEL)
    unnamed[named] = images.pred_label[named]
    assert OODReport(replace(images, pred_label=unnamed)).id_accuracy == np.mean(images.gt_label[named] == 0)


def test_json_round_trip():
    report = make_report()
    assert json.loads(json.dumps(report.metrics, allow_nan=False)) == report.metrics


def test_means_are_flat():
    report = make_report()
    means = report.means()
    assert len(means) == 2 * 3 * len(METRIC_NAMES) + 1
    assert means["neglabel/auroc"] == report.metrics["neglabel"]["mean"]["auroc"]
    assert means["mcm/far/fpr95_id_positive"] == report.metrics["mcm"]["far"]["fpr95_id_positive"]
    assert means["id_accuracy"] == report.id_accuracy


def test_skipped_images_count_nowhere():
    plain = make_report()
    skip = {int(np.flatnonzero(plain.images.set_index == position)[0]) for position in (0, 2)}
    report = make_report(skip)
    assert report.counts == {
        "ImageNet-1k": {"images": 39, "skipped": 1},
        "iNaturalist": {"images": 30, "skipped": 0},
        "SUN": {"images": 19, "skipped": 1},
        "NINCO": {"images": 10, "skipped": 0},
    }
    report.images.scores[sorted(skip)] = np.nan  # Whatever the model made of the black picture is not looked at.
    want = ood_metrics(of_set(report, "ImageNet-1k", 0), of_set(report, "SUN", 0))
    assert report.metrics["neglabel"]["SUN"] == want
    assert "Skipped:  2 unreadable, not counted above (ImageNet-1k 1, SUN 1)" in format_table(report)
    assert "Skipped" not in format_table(plain)


def test_thresholds_are_those_at_which_fpr95_was_read():
    report = make_report()
    for column, score in enumerate(report.images.score_names):
        id_scores = of_set(report, SETS[0], column)
        for name in SETS[1:]:
            ood_scores, at = of_set(report, name, column), report.thresholds[score][name]
            assert np.mean(ood_scores >= at["fpr95_id_positive"]) == report.metrics[score][name]["fpr95_id_positive"]
            assert np.mean(id_scores <= at["fpr95_ood_positive"]) == report.metrics[score][name]["fpr95_ood_positive"]
    assert report.results().thresholds == report.thresholds


def test_table_reads_well():
    report = make_report()
    lines = format_table(report).splitlines()
    assert lines[0] == f"ID set:   ImageNet-1k, 40 images, accuracy {100 * report.id_accuracy:.2f} %"
    assert lines[1] == "OOD sets: 60 images (iNaturalist 30, SUN 20, NINCO 10)"
    titles = ["mean of 3 OOD sets", "near: mean of NINCO", "far: mean of iNaturalist, SUN", *SETS[1:]]
    assert [lines.index(title) for title in titles] == [6 + 4 * i for i in range(6)]
    for title, block in zip(titles, ["mean", "near", "far", *SETS[1:]], strict=True):
        for row, score in enumerate(report.images.score_names, lines.index(title) + 1):
            values = [f"{100 * report.metrics[score][block][metric]:.2f}" for metric in METRIC_NAMES]
            assert lines[row].replace("*", "").split() == [score, *values]
    assert lines[3].split() == ["AUROC", "AUPR-in", "AUPR-out", "FPR95-ID", "FPR95-OOD"]
    assert "Positive class: ID in\nAUROC" in format_table(report)
    assert format_table(report).isascii()
    assert max(map(len, lines)) == 80


def test_the_best_of_each_column_is_marked():
    lines = format_table(make_report()).splitlines()
    rows = [line.split()[1:] for line in lines[7:9]]
    for column, best in zip(zip(*rows, strict=True), (max, max, max, min, min), strict=True):
        wanted = best(float(value.rstrip("*")) for value in column)
        assert [value.endswith("*") for value in column] == [float(value.rstrip("*")) == wanted for value in column]
    report = make_report()
    alone = replace(report.images, score_names=("neglabel",), scores=report.images.scores[:, :1])
    assert "*" not in format_table(OODReport(alone)).partition("All in percent")[0]


def with_streams(report, seeds=(0, 1, 2)):
    """The report with a score that was played on every set, and one that was played once."""
    rng, images = np.random.default_rng(9), report.images

    def played(order, seeds):
        known, scores = len(images.of_set(SETS[0])), {}
        for of in SETS[1:]:
            count = known + len(images.of_set(of))
            scores[of] = rng.normal(np.arange(count) < known, 1, (len(seeds), count))
        return PlayedStreams(order, 8, seeds, scores)

    streams = {"A (stream)": played("shuffled", seeds), "B (stream)": played("id_first", (7,))}
    return OODReport(replace(images, streams=streams))


def test_streams_have_id_scores_of_their_own_and_a_deviation():
    report = with_streams(make_report(skip=(3, 50)))
    found = report.metrics["A (stream)"]
    of_seeds = []
    for row in range(3):
        pairs = {of: report.images.stream("A (stream)", of) for of in SETS[1:]}
        by_set = {of: ood_metrics(known[row], ood[row]) for of, (known, ood) in pairs.items()}
        mean = {metric: np.mean([by_set[of][metric] for of in SETS[1:]]) for metric in METRIC_NAMES}
        of_seeds.append(by_set | {"mean": mean})
    for block in (*SETS[1:], "mean"):
        for metric in METRIC_NAMES:
            values = [one[block][metric] for one in of_seeds]
            assert found[block][metric] == pytest.approx(np.mean(values))
            assert found[block][f"{metric}_sd"] == pytest.approx(np.std(values, ddof=1))
    assert found["mean"]["id_accuracy"] == report.id_accuracy
    assert set(report.metrics["B (stream)"]["SUN"]) == set(METRIC_NAMES)
    assert set(report.thresholds) == {"neglabel", "mcm"}
    assert report.means()["A (stream)/near/auroc"] == found["near"]["auroc"]


def test_the_table_says_what_a_stream_is_and_does_not_compare_it():
    report = with_streams(make_report())
    lines = format_table(report).splitlines()
    assert max(map(len, lines)) <= 80
    place = lines.index("SUN")
    assert [line.split("  ")[1].strip() for line in lines[place + 1 : place + 6]] == [
        "neglabel",
        "mcm",
        "A (stream)",
        "",
        "B (stream)",
    ]
    assert lines[place + 4].split()[:2] == ["standard", "deviation"]
    marks = [lines[place + row].count("*") for row in (1, 2, 3, 5)]
    assert (sum(marks[:2]), marks[2:]) == (len(METRIC_NAMES), [0, 0])
    said = " ".join(lines)
    for words in (
        "Rows marked (stream) learn from the test images: do not compare them with the other rows.",
        "mixed with the ID set (ID:OOD images: iNaturalist 40:30, SUN 40:20, NINCO 40:10), the memory emptied",
        "A (stream): shuffled, 3 streams with seeds 0 to 2, batches of 8;",
        "B (stream): all ID images before the OOD images, each kind shuffled, seed 7, batches of 8.",
    ):
        assert words in said
    assert "stream" not in format_table(make_report())


def test_streams_alone_have_a_table_without_thresholds():
    images = with_streams(make_report()).images
    nobody = replace(images, score_names=(), scores=images.scores[:, :0])
    table = format_table(OODReport(nobody))
    assert "B (stream)" in table
    assert "FPR95 was read" not in table


def test_long_names_are_never_cut():
    images = make_report().images
    names = ("a score whose name is 24", "a score whose name is far too long for its column")
    lines = format_table(OODReport(replace(images, score_names=names))).splitlines()
    assert sum(line.startswith(f"  {names[0]} ") for line in lines) == lines.count(f"  {names[1]}") == 7
    assert max(map(len, lines)) == 80


def test_the_thresholds_of_all_sets_in_a_row_a_score():
    report = make_report()
    *_, row, _ = format_table(report).splitlines()
    at = [[block[metric] for block in report.thresholds["neglabel"].values()] for metric in METRIC_NAMES[3:]]
    want = [f"{end(values):.5g}" for values in at for end in (min, max)]
    assert row.replace("..", "").split() == ["neglabel", *dict.fromkeys(want)]


def test_thresholds_that_crowd_at_one_keep_their_digits_and_long_ones_the_width():
    images = make_report().images
    crowded, small = 1 - 1e-9 * np.exp(images.scores[:, :1]), -1e-5 * (2 + np.tanh(images.scores[:, 1:]))
    *_, neglabel, mcm = format_table(OODReport(replace(images, scores=np.hstack([crowded, small])))).splitlines()
    assert re.fullmatch(r"  neglabel( +1-\d\S*e-(09|10)( \.\. 1-\d\S*e-(09|10))?){2}", neglabel)
    assert re.fullmatch(r"  mcm( +-\d\S*e-05( \.\. -\d\S*e-05)?){2}", mcm)
    assert max(len(neglabel), len(mcm)) <= 80


def test_no_groups():
    assert list(make_report(groups={}).metrics["mcm"]) == ["iNaturalist", "SUN", "NINCO", "mean"]


@pytest.mark.parametrize(
    ("position", "message"),
    [(2, "OOD set 'SUN': none of its 20 images could be read"), (0, "ID set 'ImageNet-1k': none of its 40 images")],
)
def test_a_set_of_which_nothing_could_be_read(position, message):
    skip = set(np.flatnonzero(make_report().images.set_index == position).tolist())
    with pytest.raises(DataError, match=message):
        _ = make_report(skip).metrics


def test_a_set_without_images():
    with pytest.raises(DataError, match="OOD set 'NINCO': no image of it was evaluated"):
        _ = make_report(per_set=(40, 30, 20, 0)).metrics


def test_nan_names_score_and_set():
    report = make_report()
    report.images.scores[np.flatnonzero(report.images.set_index == 2)[4], 1] = np.nan
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
    labels = {"pred_label": predicted, "gt_label": truth + step}
    images = Results(("ID",), ("s",), set_index=np.zeros_like(truth), scores=np.zeros((count, 1)), **labels)
    doubt = OODReport(images).label_doubt
    assert doubt is None if says is None else says in doubt
