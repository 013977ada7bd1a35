"""docs/languages.md: class names and words that are not English, from folders to files."""

import csv
import json
import random
import unicodedata

import pytest
import small_transformers
import torch
from paths import TINY_CLIP
from PIL import Image
from test_backbones.towers import build
from test_tools.launching import error_line, launch

from mmneglabel import results
from mmneglabel.backbones import OpenCLIPBackbone, encode_words
from mmneglabel.cli.calibrating import run_calibrate
from mmneglabel.cli.evaluate import run_evaluate
from mmneglabel.cli.predicting import run_predict
from mmneglabel.judges import WordNetJudge
from mmneglabel.mining.neg_filter import clean, first_places

NAMES = ["猫", "老虎", "قطة", "बिल्ली", unicodedata.normalize("NFD", "café_crème")]
WORDS = [first + second for first in "山水火木金土日月星云雨雪" for second in "花草树石河海湖桥路车船书"]
PROMPT = "一张{}的照片"
PROMPTS = [template.replace("{}", name) for template in (PROMPT, "صورة {}") for name in NAMES]
TOWERS = (
    "xlm-roberta-base-ViT-B-32",
    "mt5-base-ViT-B-32",
    "nllb-clip-base",
    "ViT-B-32-SigLIP2-256",
    "ViT-L-14-worldwide",
)


@pytest.mark.parametrize("name", TOWERS)
def test_a_tower_of_many_languages_reads_what_the_library_reads(name, tmp_path, monkeypatch):
    monkeypatch.setattr(small_transformers, "PROMPTS", [*small_transformers.PROMPTS, *PROMPTS])
    torch.manual_seed(0)
    tower, library = build(name, tmp_path, shrunk=True)
    with torch.no_grad():
        theirs = library.encode_text(tower.tokenizer(PROMPTS), normalize=True)
    found = encode_words(tower, PROMPTS)
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-5)
    assert torch.pdist(found).min() > 1e-3


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Folders `图像` and `街道`, words in `词表`, and what names a tower of random weights."""
    monkeypatch.chdir(tmp_path)
    drawn = random.Random(0)
    for folder, count in [*((f"图像/{name}", 4) for name in NAMES), ("街道", 7)]:
        (tmp_path / folder).mkdir(parents=True)
        for number in range(count):
            Image.frombytes("RGB", (40, 40), drawn.randbytes(4800)).save(tmp_path / folder / f"图{number}.png")
    (tmp_path / "词表").mkdir()
    (tmp_path / "词表/noun.物.txt").write_text("\n".join(WORDS), encoding="utf-8")
    (tmp_path / "词表/adj.all.txt").write_text("大\n美丽的\n新\n", encoding="utf-8")
    torch.manual_seed(0)
    torch.save(OpenCLIPBackbone(TINY_CLIP).model.state_dict(), tmp_path / "tiny.pt")
    return ["--id", "图像", "--ood", "街道", "--backbone", TINY_CLIP, "--weights", "tiny.pt"]


def test_names_arrive_in_every_file(pictures, tmp_path, capsys):
    bank = "model.scores.NegLabel.bank"
    prompts = json.dumps(dict.fromkeys(("label", "noun", "adjective"), PROMPT), ensure_ascii=False)
    options = [
        f"{bank}.corpus=词表",
        f"{bank}.prompts={prompts}",
        f"{bank}.unlike=[镜头]",
        "test_dataloader.num_workers=0",
    ]
    assert launch(run_evaluate, *pictures, "--work-dir", "结果", "--cfg-options", *options) == 0
    out = capsys.readouterr().out
    assert "OOD sets: 7 images (街道 7)" in out
    assert "class names have no Latin letter" in out

    work = tmp_path / "结果"
    mined = (work / "negative_labels/NegLabel.txt").read_text(encoding="utf-8").splitlines()
    assert mined[-1] == PROMPT.replace("{}", "镜头")
    assert {PROMPT.replace("{}", word) for word in [*WORDS, "大", "美丽的", "新", "镜头"]} >= set(mined)
    metrics = json.loads((work / "metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["NegLabel"]) == {"街道", "mean"}
    found = results.load(work)
    assert sorted(found.class_names) == sorted(name.replace("_", " ") for name in NAMES)
    assert found.set_names == ("图像", "街道")
    assert set(found.paths) >= {"街道/图0.png", f"图像/{NAMES[2]}/图3.png"}
    assert set(found.negatives) <= {*WORDS, "大", "美丽的", "新", "镜头"}

    assert launch(run_calibrate, "结果", "--out", "threshold.json") == 0
    assert launch(run_predict, "结果", "街道", "--threshold", "threshold.json", "--out", "表.csv") == 0
    with (tmp_path / "表.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["image"] for row in rows) == [f"街道/图{number}.png" for number in range(7)]
    assert {row["pred_class"] for row in rows} <= set(found.class_names)
    assert all(row["against"].split(" ")[0] in found.negatives for row in rows)


def test_two_spellings_of_one_name_are_two_names(pictures, tmp_path, capsys):
    composed = unicodedata.normalize("NFC", NAMES[-1])
    (tmp_path / "list.txt").write_text(f"{composed}\n猫\n", encoding="utf-8")
    assert launch(run_evaluate, *pictures, "--classes", "list.txt") == 1
    assert f"1 of the 2 folders in the class list are missing, first {composed!r}" in error_line(capsys)


def test_what_negrefine_makes_of_other_scripts():
    """As docs/languages.md warns: the authors' rules are for English."""
    assert first_places([("草水", "noun"), ("飞机场", "noun")]) == [1]
    assert clean("बिल्ली") == "बलल"
    assert WordNetJudge().proper_nouns(["草水", "قطة"]) == [False, False]
