"""One picture by every way in: the score of the table, decisions of the threshold, words; and what is refused."""

import dataclasses
import io
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpretrain.apis import FeatureExtractor, ImageClassificationInferencer, get_model
from paths import ROOT
from PIL import Image
from tested_demo import PLANTS, tested  # noqa: F401 - a fixture

from mmneglabel import results
from mmneglabel.apis import NegLabelInferencer
from mmneglabel.apis.export import export
from mmneglabel.calibration import Threshold, calibrate, detector_facts
from mmneglabel.engine.work_dir import config_of
from mmneglabel.errors import ConfigError, DataError
from mmneglabel.mining import save_bank


@pytest.fixture(scope="module")
def detector(tested):  # noqa: F811
    return NegLabelInferencer(tested)


@pytest.fixture(scope="module")
def found(tested):  # noqa: F811
    return results.load(tested)


def scores(rows):
    return np.array([row["ood_score"] for row in rows])


def test_every_way_in_is_the_table(detector, found):
    paths = list(found.paths)
    data = [Path(path).read_bytes() for path in paths]
    pictures = [Image.open(io.BytesIO(one)) for one in data]
    arrays = [np.array(picture.convert("RGB")) for picture in pictures]
    table = found.score("NegLabel")
    for ways in (paths, data, pictures, arrays):
        rows = detector(ways, batch_size=64)
        assert np.abs(scores(rows) - table).max() == 0.0
        assert np.abs(np.array([row["log_odds"] for row in rows]) - found.log_odds[:, 0]).max() == 0.0
        assert [row["pred_label"] for row in rows] == found.pred_label.tolist()
    for size in (1, 7):
        assert np.abs(scores(detector(paths, batch_size=size)) - table).max() <= 1e-6
    assert scores(detector(paths, batch_size=64, workers=1)).tolist() == table.tolist()


def test_a_result_says_why(detector, found):
    (row,) = detector(found.paths[3])
    assert row["image"] == found.paths[3]
    assert row["pred_class"] == found.class_names[row["pred_label"]]
    assert 0 < row["pred_score"] <= 1
    assert [word for word, _ in row["against"]] == [found.negatives[i] for i in found.shares["negatives"][3]]
    assert [share for _, share in row["for"]] == pytest.approx(found.shares["label_shares"][3], abs=1e-6)
    assert (row["p_value"], row["decision"], row["error"], row["note"]) == (None,) * 4


@pytest.fixture
def threshold(found, detector):
    values = found.log_odds[found.of_set("animals"), 0]
    facts = detector_facts(detector.model.facts(), "NegLabel")
    return Threshold("NegLabel", "log_odds", calibrate(values, review=0.99), facts, versions={"torch": "2"})


def test_a_threshold_decides(tested, threshold, found, tmp_path):  # noqa: F811
    threshold.save(tmp_path / "t.json")
    detector = NegLabelInferencer(tested, threshold=tmp_path / "t.json")
    rows = detector(list(found.paths), batch_size=64)
    assert [row["decision"] for row in rows] == threshold.calibration.decide(found.log_odds[:, 0])
    assert [row["p_value"] for row in rows] == threshold.calibration.p_values(found.log_odds[:, 0]).tolist()
    assert {row["decision"] for row in rows} == {"in", "review", "out"}


def test_a_threshold_of_another_detector(tested, threshold):  # noqa: F811
    threshold.detector["image_tower"] = "ab"
    with pytest.raises(DataError, match="'NegLabel' was calibrated with another image tower: calibrate again"):
        NegLabelInferencer(tested, threshold=threshold)


def test_a_bank_of_ones_own(tested, detector, tmp_path):  # noqa: F811
    bank = detector.model._banks["NegLabel"]
    save_bank(bank, tmp_path / "bank.safetensors")
    for given in (bank, tmp_path / "bank.safetensors"):
        assert scores(NegLabelInferencer(tested, bank=given)(PLANTS)).tolist() == scores(detector(PLANTS)).tolist()


def test_a_built_model_and_other_scores(tested, detector):  # noqa: F811
    other = NegLabelInferencer(tested, score="MCM")
    assert (other.score, other.unit, detector.unit) == ("MCM", "score", "log_odds")
    (row,) = other(next(PLANTS.iterdir()))
    assert (row["log_odds"], row["ood_score"]) == (None, pytest.approx(1 / 108, abs=0.01))
    again = NegLabelInferencer(detector.model)
    assert scores(again(PLANTS)).tolist() == scores(detector(PLANTS)).tolist()
    assert list(detector.model.scores) == ["NegLabel"]  # nothing is computed that nobody asked for


def test_data_samples(detector):
    (sample,) = detector(next(PLANTS.iterdir()), return_datasamples=True)
    assert sample.ood_scores.keys() == {"NegLabel"}


def damaged(folder):
    """Pictures that are none, each with what is said of it."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    good = Image.fromarray(noise)
    good.save(folder / "cut.jpg")
    (folder / "cut.jpg").write_bytes((folder / "cut.jpg").read_bytes()[:200])
    (folder / "text.jpg").write_text("a text")
    (folder / "empty.png").touch()
    good.convert("F").save(folder / "float.tiff")
    good.resize((900, 3)).save(folder / "strip.png")
    return {
        "cut.jpg": "runcated", "text.jpg": "not a picture that Pillow can read", "empty.png": "the file is empty",
        "float.tiff": "does not say which number is white", "strip.png": "900 x 3 pixels", "gone.png": "No such file",
    }  # fmt: skip


def odd(folder):
    """Pictures of rare kinds, which are read."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    good = Image.fromarray(noise)
    exif = Image.Exif()
    exif[274] = 6
    good.resize((1, 1)).save(folder / "1x1.png")
    good.convert("CMYK").save(folder / "cmyk.jpg")
    good.convert("LA").save(folder / "la.png")
    Image.fromarray(noise[..., 0].astype(np.uint16) * 257).save(folder / "16bit.png")
    good.save(folder / "moving.gif", save_all=True, append_images=[good.rotate(90)])
    good.save(folder / "turned.jpg", exif=exif)
    return ["1x1.png", "cmyk.jpg", "la.png", "16bit.png", "moving.gif", "turned.jpg"]


def test_bad_pictures_stop_no_others(detector, tmp_path):
    said, fine = damaged(tmp_path), odd(tmp_path)
    rows = detector([tmp_path / name for name in [*said, *fine]])
    for row, (name, reason) in zip(rows, said.items(), strict=False):
        assert row["error"].startswith(f"{tmp_path / name}: ")
        assert reason in row["error"]
        assert (row["pred_class"], row["ood_score"], row["against"]) == (None, None, None)
    assert [row["error"] for row in rows[len(said) :]] == [None] * len(fine)
    note = "turned by its EXIF tag, which is ignored"
    assert [row["note"] for row in rows[-2:]] == [None, note]
    with Image.open(tmp_path / "turned.jpg") as picture:
        others = detector([(tmp_path / "turned.jpg").read_bytes(), picture, np.array(picture)])
    assert [row["note"] for row in others] == [note, note, None]
    with pytest.raises(DataError, match=r"cut\.jpg: .*runcated"):
        detector([tmp_path / "cut.jpg"], strict=True)


def test_pictures_that_are_no_files_and_none(detector):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of a cut picture
        rows = detector([b"a text", np.zeros((3, 3)), Image.new("F", (3, 3))])
    assert rows[0]["error"] == "#0: not a picture that Pillow can read"
    assert rows[1]["error"].startswith("#1: an array of float64 (3, 3): give RGB")
    assert rows[2]["error"].startswith("#2: ")


def colour(pictures):
    """Whether red, green or blue is the most: a classifier of 108 classes that tells RGB from BGR."""
    most = torch.tensor([int(picture.reshape(-1, 3).sum(0).argmax()) for picture in pictures])
    return torch.nn.functional.one_hot(most, 108).float()


def test_a_classifier_of_ones_own_labels(tested, detector):  # noqa: F811
    red = np.zeros((9, 9, 3), np.uint8)
    red[..., 0] = 200
    mine = NegLabelInferencer(tested, classifier=colour)
    (row,) = mine(red)
    assert (row["pred_label"], row["pred_score"]) == (0, 1.0)
    assert row["ood_score"] == detector(red)[0]["ood_score"]
    with pytest.raises(ConfigError, match=r"The classifier gives \(1, 3\) probabilities for 1 pictures.*108 classes"):
        NegLabelInferencer(tested, classifier=lambda pictures: torch.zeros(1, 3))(red)


def test_a_classifier_of_mmpretrain_labels(tested):  # noqa: F811
    config = Config(
        {
            "model": {
                "type": "ImageClassifier",
                "backbone": {"type": "ResNet_CIFAR", "depth": 18, "stem_channels": 8, "base_channels": 8},
                "neck": {"type": "GlobalAveragePooling"},
                "head": {"type": "LinearClsHead", "num_classes": 108, "in_channels": 64},
                "data_preprocessor": {"mean": [100, 120, 140], "std": [50, 60, 70], "to_rgb": True},
            },
            "test_dataloader": {
                "dataset": {
                    "type": "CustomDataset",
                    "pipeline": [
                        {"type": "LoadImageFromFile"},
                        {"type": "Resize", "scale": (32, 32)},
                        {"type": "PackInputs"},
                    ],
                }
            },
        }
    )
    torch.manual_seed(0)
    model = get_model(config, pretrained=False)
    paths = sorted(map(str, PLANTS.iterdir()))[:5]
    alone = ImageClassificationInferencer(model)(paths, batch_size=5)
    rows = NegLabelInferencer(tested, classifier=model)(paths)
    assert [row["pred_label"] for row in rows] == [one["pred_label"] for one in alone]
    assert [row["pred_score"] for row in rows] == pytest.approx([one["pred_score"] for one in alone], abs=1e-5)


@pytest.mark.parametrize("inferencer", [ImageClassificationInferencer, FeatureExtractor])
def test_mmpretrains_inferencers_name_ours(inferencer):
    """They would show the tower BGR, in silence."""
    config = Config.fromfile(ROOT / "configs/neglabel/neglabel_demo.py")
    with pytest.raises(ConfigError, match=r"load pictures as BGR .*: use mmneglabel\.apis\.NegLabelInferencer"):
        inferencer(config, pretrained=False)


@pytest.mark.parametrize(
    ("model", "given", "error", "says"),
    [
        ("posthoc/posthoc_resnet50_in1k.py", {}, ConfigError, "is a PostHocClassifier, and a NegLabelClassifier is"),
        ("neglabel/neglabel_dem.py", {}, ConfigError, "neglabel_demo"),
        (None, {"score": "NegLable"}, ConfigError, "no score 'NegLable': did you mean 'NegLabel'"),
        (None, {"threshold": "gone.json"}, DataError, r"threshold gone\.json cannot be read"),
        (None, {"device": "nonsense"}, ConfigError, "device is 'nonsense', which is not there"),
        (None, {"bank": "gone.safetensors"}, DataError, "No readable label bank"),
    ],
)
def test_what_is_refused(model, given, error, says, tested):  # noqa: F811
    with pytest.raises(error, match=says):
        NegLabelInferencer(model or tested, **given)


STEPS = [
    {"type": "LoadRGBImage"},
    {"type": "FitToTower", "size": (64, 64), "interpolation": "bilinear"},
    {"type": "PackInputs", "meta_keys": ("img_path", "unreadable")},
]


def with_pipeline(tested, steps, **model):  # noqa: F811
    config = config_of(tested)
    config.test_dataloader.dataset.pipeline = steps
    config.model.update(model)
    return config


def test_other_pixels_refuse_the_threshold(tested, threshold):  # noqa: F811
    """A test that turns pictures by their EXIF tags, and one whose pixels nobody states."""
    assert NegLabelInferencer(with_pipeline(tested, STEPS), threshold=threshold)
    turning = with_pipeline(tested, [{**STEPS[0], "exif_rotation": True}, *STEPS[1:]])
    with pytest.raises(DataError, match="was calibrated with other pixels"):
        NegLabelInferencer(turning, threshold=threshold)
    with pytest.raises(ConfigError, match="turns pictures by their EXIF tag, which baked detectors do not"):
        export(NegLabelInferencer(turning), "never")
    kept = with_pipeline(tested, STEPS, preprocessing_override="pipeline")
    with pytest.raises(DataError, match="no threshold can be bound to them"):
        NegLabelInferencer(kept, threshold=threshold)


def test_a_turned_picture_is_turned_where_the_test_turns(tested, tmp_path):  # noqa: F811
    exif = Image.Exif()
    exif[274] = 6
    with Image.open(next(PLANTS.iterdir())) as picture:
        picture.convert("RGB").rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
        picture.convert("RGB").save(tmp_path / "upright.png")
    turning = NegLabelInferencer(with_pipeline(tested, [{**STEPS[0], "exif_rotation": True}, *STEPS[1:]]))
    one, other = turning([tmp_path / "turned.png", tmp_path / "upright.png"])
    assert (one["ood_score"], one["note"]) == (other["ood_score"], None)


def test_words_are_those_of_the_score(tested):  # noqa: F811
    (row,) = NegLabelInferencer(tested, score="MCM")(next(PLANTS.iterdir()))
    assert (row["for"], row["against"]) == (None, None)


def test_autocast_around_it_moves_nothing(detector):
    with torch.autocast("cpu"):
        inside = scores(detector(PLANTS))
    assert inside.tolist() == scores(detector(PLANTS)).tolist()


def test_a_threshold_on_another_unit(tested, threshold):  # noqa: F811
    with pytest.raises(DataError, match="The threshold is on the score of 'NegLabel', not its log_odds"):
        NegLabelInferencer(tested, threshold=dataclasses.replace(threshold, unit="score"))


def test_the_shipped_models():
    assert "neglabel/neglabel_demo.py" in NegLabelInferencer.list_models("*demo*")
    assert not NegLabelInferencer.list_models("posthoc*")


def test_a_folder_without_a_test(tmp_path):
    with pytest.raises(DataError, match=r"holds no metrics\.json"):
        NegLabelInferencer(tmp_path)
