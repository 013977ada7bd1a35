"""tools/evaluate.py: folders on the command line are tested as a config of them would be."""

import json
import re

import pytest
from mmengine.config import Config
from paths import ROOT, TINY_CLIP
from test_tools.launching import error_line, launch, parsed

from mmneglabel.backbones import OpenCLIPBackbone
from mmneglabel.cli.evaluate import compose, run_evaluate
from mmneglabel.cli.testing import run_rescore, run_test
from mmneglabel.datasets import LoadRGBImage

DEMO = ROOT / "demo"
SETS = ("food", "travel-places", "objects", "activities", "symbols", "plants")
FOLDERS = ["--id", DEMO / "pictures/animals", "--ood", *(DEMO / "pictures" / name for name in SETS)]
TOWER = ["--backbone", DEMO / "mmneglabel-demo.json", "--weights", DEMO / "mmneglabel-demo.safetensors"]
DEMO_CONFIG = """
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
model = dict(scores=dict(_delete_=True, NegLabel=dict(), MCM=dict(), OODD=dict()))
"""


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def refuse(*_, **__):
    raise AssertionError("an image was opened, or a tower built")


@pytest.fixture
def options(words):
    """Fewer words, and the loader of the demo: how a matrix product rounds depends on its batch."""
    corpus = [f"model.scores.{name}.bank.corpus={words}" for name in ("NegLabel", "OODD")]
    return ["--cfg-options", *corpus, "test_dataloader.batch_size=64", "test_dataloader.num_workers=0"]


def test_the_demo_by_its_folders_is_the_demo(tmp_path, options, monkeypatch, capsys):
    (tmp_path / "demo.py").write_text(DEMO_CONFIG)
    streams = ["--stream-batch", "8", "--streams", "2"]
    assert launch(run_test, tmp_path / "demo.py", *streams, *options, "--work-dir", tmp_path / "config") == 0
    command = [*FOLDERS, *TOWER, "--methods", "NegLabel", "MCM", "OODD", *streams, *options]
    command += ["--work-dir", tmp_path / "folders"]
    assert launch(run_evaluate, *command, "--save-features") == 0
    assert metrics(tmp_path / "folders") == metrics(tmp_path / "config")
    written = tmp_path / "folders" / "evaluate.py"
    text, again = written.read_text(), capsys.readouterr().out.splitlines()[-1].split()
    work = ["--work-dir", str(tmp_path / "folders")]
    assert again == ["Again:", "python", "-m", "mmneglabel", "test", str(written), *work, *streams, *options]
    assert f"# {' '.join(again[1:])}\n" in text

    monkeypatch.setattr(LoadRGBImage, "transform", refuse)
    assert launch(run_rescore, *again[5:]) == 0
    assert metrics(tmp_path / "folders") == metrics(tmp_path / "config")
    assert written.read_text() == text


@pytest.fixture
def sets(pictures):
    return ["--id", pictures / "id", "--ood", pictures / "near", f"noise={pictures / 'far'}"]


def composed(*arguments):
    return compose(parsed(run_evaluate, *arguments))


def test_names_of_sets(sets):
    dataset = composed(*sets, "--ood", f"{sets[3]}/../id/x/")["test_dataloader"]["dataset"]
    assert dataset["id_set"] == {"name": "id", "type": "ClassFolders", "data_root": str(sets[1])}
    assert [one["name"] for one in dataset["ood_sets"]] == ["near", "noise", "x"]


def test_what_the_config_inherits_is_what_the_shipped_one_says(sets, tmp_path, monkeypatch):
    """All but model and images; nothing of ImageNet's is left."""
    monkeypatch.setattr("mmneglabel.cli.evaluate.run_test", lambda args: None)
    assert launch(run_evaluate, *sets, "--work-dir", tmp_path / "work") == 0
    config = Config.fromfile(tmp_path / "work" / "evaluate.py")
    shipped = Config.fromfile(ROOT / "configs/neglabel/neglabel_clip-vit-b16_in1k.py")
    own = {"model", "test_dataloader", "custom_hooks"}
    assert {k: v for k, v in config.items() if k not in own} == {k: v for k, v in shipped.items() if k not in own}
    assert [hook.type for hook in config.custom_hooks] == [hook.type for hook in shipped.custom_hooks]
    assert config.custom_hooks[1].report
    assert config.model.backbone == shipped.model.backbone
    assert config.model.scores == {"NegLabel": {}, "MCM": {}}
    assert (config.model.class_names, config.model.preprocessing_override) == (None, None)
    assert config.test_dataloader.batch_size == shipped.test_dataloader.batch_size
    assert config.test_dataloader.dataset.keys() == {"type", "id_set", "ood_sets"}


@pytest.mark.parametrize(
    ("given", "built"),
    [
        ("ViT-L-14/openai", {"model_name": "ViT-L-14", "pretrained": "openai"}),
        ("ViT-B/16/openai", {"model_name": "ViT-B/16", "pretrained": "openai"}),
        ("ViT-B-16 --weights own.pt", {"model_name": "ViT-B-16", "pretrained": "own.pt"}),
        ("ViT-B-16/openai --weights a.pt", {"model_name": "ViT-B-16", "pretrained": "a.pt", "preprocess": "openai"}),
        ("hf-hub:timm/ViT-B-16-SigLIP", {"model_name": "hf-hub:timm/ViT-B-16-SigLIP"}),
        (f"{TINY_CLIP} --weights own.pt", {"model_name": TINY_CLIP, "pretrained": "own.pt"}),
        ("ViT-B-16 --checkpoint a.pth", {"model_name": "ViT-B-16"}),
    ],
)
def test_backbones(sets, given, built):
    backbone = composed(*sets, "--backbone", *given.split())["model"]["backbone"]
    assert backbone == {"_delete_": True, "type": "OpenCLIPBackbone", **built}


def test_words_go_to_the_banks_that_have_negatives(sets, tmp_path):
    (tmp_path / "words.txt").write_text("tripod\n")
    edits = ["--drop", tmp_path / "words.txt", "--unlike", "lens flare", "--unlike", "fog"]
    model = composed(*sets, "--methods", "MCM", "NegLabel", *edits)["model"]
    bank = {"drop": str(tmp_path / "words.txt"), "unlike": ["lens flare", "fog"]}
    assert model["scores"] == {"_delete_": True, "MCM": {}, "NegLabel": {"bank": bank}}
    assert model["predict_with"] == "MCM"


def test_classes_of_a_list_in_its_order(sets, tmp_path, capsys):
    (tmp_path / "classes.txt").write_text("y\tpolar bear\nx\twolf\n")
    run = ["--classes", tmp_path / "classes.txt", "--methods", "CSP", "MCM", "--work-dir", tmp_path / "work", *TOWER]
    small = "model.scores.CSP.bank.corpus"
    (tmp_path / "words.txt").write_text("lens flare\ntripod\n" * 20)
    options = [f"{small}={tmp_path / 'words.txt'}", "model.scores.CSP.bank.ratio=1.0", "test_dataloader.num_workers=0"]
    assert launch(run_evaluate, *sets, *run, "--drop", "tripod", "--cfg-options", *options) == 0, capsys.readouterr()
    assert "Class names: the ID set's 2, first 'polar bear'" in capsys.readouterr().out
    found = metrics(tmp_path / "work")
    assert list(found) == ["CSP", "MCM", "_run"]
    assert found["_run"]["banks"]["CSP"]["drop"] == ["tripod"]
    assert list(found["CSP"]) == ["near", "noise", "mean"]


def test_names_that_somebody_imagined_by_the_option_that_is_told(sets, tmp_path, capsys):
    (tmp_path / "names.txt").write_text("lens flare\ntripod\n")
    run = ["--methods", "EOE", *TOWER, "--work-dir", tmp_path / "work", "--unlike", "fog"]
    options = [f"model.scores.EOE.bank.path={tmp_path / 'names.txt'}", "test_dataloader.num_workers=0"]
    assert launch(run_evaluate, *sets, *run, "--cfg-options", *options) == 0, capsys.readouterr()
    assert list(metrics(tmp_path / "work")["EOE"]) == ["near", "noise", "mean"]


NAMES = {"numbers": ("0", "1"), "ids": ("n01440764", "n01443537")}
BAD = [
    ("--id nowhere", "folder nowhere does not exist; check --id"),
    ("--id near", "--id: near holds no folders: put the pictures of each class into one, called like it"),
    ("--ood nowhere", "folder nowhere does not exist; check --ood"),
    ("--ood =near", "'=near' is not of the form NAME=FOLDER"),
    ("--ood near=", "'near=' is not of the form NAME=FOLDER"),
    ("--ood again=near", "--ood: 'again' is the folder near of 'near': give each folder once"),
    ("--ood id/", "--ood: 'id' is the folder id/ of --id: give each folder once"),
    ("--ood id/x x=id/y", "two sets are called 'x'; give each set a name of its own"),
    ("--ood mean=far", "a set is called 'mean'; 'mean' and names with '/' are reserved"),
    ("--ood empty", "folder empty holds no pictures at any depth (looked for .apng"),
    ("--ood empty", "check --ood"),
    ("--methods NegLable", "--methods: no method 'NegLable' for images and texts, did you mean 'NegLabel'"),
    ("--methods KNN", "no method 'KNN' for images and texts, known: AdaNeg, CSP, EOE"),
    (
        "--methods EOE",
        "model.scores.EOE.bank: ImaginedList needs 'path': set it (--cfg-options model.scores.EOE.bank.path=",
    ),
    ("--methods MCM --drop tripod", "--drop, --unlike: MCM reads no negatives: add NegLabel"),
    ("--unlike Fog --drop fog", "'fog' is in drop and in unlike"),
    ("--unlike ", "unlike holds '', which is no word: leave it out"),
    ("--drop _", "drop holds '_', which is no word"),
    ("--unlike empty.txt", "list of words to add empty.txt is empty: it needs one word a line"),
    ("--drop words.txt fog", "--drop: 'words.txt' is a file, which would have to be given alone"),
    ("--drop wrods.txt fog", "--drop: 'wrods.txt' is a file"),
    ("--unlike wrods.txt", "list of words to add wrods.txt cannot be read"),
    ("--backbone ViT-B-61/openai", "knows no model 'ViT-B-61/openai'"),
    ("--backbone ViT-B-61/openai", "did you mean 'ViT-B-16"),
    ("--backbone ViT-B-16/opnai", "nor a pretrained tag of 'ViT-B-16': set backbone.pretrained to one; did you mean"),
    ("--backbone ViT-B-16", "names no weights: write ViT-B-16/TAG, or give --weights FILE; tags known: "),
    ("--backbone nowhere.json --weights a", "No open_clip architecture file at 'nowhere.json'"),
    (f"--backbone {TINY_CLIP}", "names no weights"),
    ("--id numbers", "2 of 2 are numbers, first '0', which no text tower knows: give class_list (evaluate: --classes)"),
    ("--id ids", "2 of 2 are WordNet ids, first 'n01440764'"),
    ("--id ids", "as a file of lines 'folder<TAB>name'; 'imagenet1k' has names for them"),
    ("--classes imagenet-1k", "did you mean 'imagenet1k'"),
    ("--classes empty.txt", "class list empty.txt is empty"),
    ("--cfg-options modl.scores.MCM=None", "nothing reads 'modl'"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=[f"{given}-{place}" for place, (given, _) in enumerate(BAD)])
def test_what_cannot_be_meant_is_one_line(arguments, said, own_pictures, monkeypatch, capsys):
    monkeypatch.chdir(own_pictures)
    for root, names in NAMES.items():
        for name in names:
            (own_pictures / root / name).mkdir(parents=True)
    (own_pictures / "empty").mkdir()
    for name, text in {"empty": "\n", "words": "tripod\n"}.items():
        (own_pictures / f"{name}.txt").write_text(text)
    tower = [] if "--backbone" in arguments else TOWER
    if tower:  # what it does not say itself is to be said before it is built, which may take long
        monkeypatch.setattr(OpenCLIPBackbone, "__init__", refuse)
    assert launch(run_evaluate, "--id", "id", "--ood", "near", *tower, *arguments.split(" ")) == 1
    assert said in error_line(capsys)
    assert not (own_pictures / "work_dirs/evaluate/metrics.json").exists()


def test_a_run_that_does_not_begin_leaves_the_one_before_whole(sets, tmp_path, capsys):
    work = tmp_path / "work"
    work.mkdir()
    for name in ("evaluate.py", "metrics.json"):
        (work / name).write_text("of the run before")
    given = [*sets, "--backbone", TINY_CLIP, "--weights", "gone.pt", "--work-dir", work]
    assert launch(run_evaluate, *given) == 1
    assert "gone.pt" in error_line(capsys)
    assert (work / "evaluate.py").read_text() == (work / "metrics.json").read_text() == "of the run before"
    (work / "metrics.json").unlink()  # nothing is left that the config would belong to
    assert launch(run_evaluate, *given) == 1
    assert "gone.pt" in (work / "evaluate.py").read_text()


@pytest.mark.parametrize("missing", ["--id", "--ood"])
def test_both_kinds_of_pictures_are_wanted(missing, capsys):
    given = {"--id": "a", "--ood": "b"}
    del given[missing]
    assert launch(run_evaluate, *next(iter(given.items()))) == 2
    assert re.search(rf"the following arguments are required: {missing}$", capsys.readouterr().err.strip())
