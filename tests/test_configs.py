"""Every config is parsed, its model built with random weights, few layers and channels, and run on a few images."""

import json
import re

import numpy as np
import open_clip
import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import MODELS, TASK_UTILS
from paths import ROOT
from PIL import Image
from small_training import class_lines, generated_cifar, make_pictures, shrink_network, shrink_training
from test_tools.launching import launch

from mmneglabel.catalogue import SETS, set_config
from mmneglabel.cli.training import run_train
from mmneglabel.corpus.class_list import read_class_list
from mmneglabel.methods import resolve
from mmneglabel.scores.stream import MARK

CONFIGS = ROOT / "configs"
BASES = sorted((CONFIGS / "_base_").rglob("*.py"))
RUNNABLE = sorted(set(CONFIGS.rglob("*.py")) - set(BASES))
TRAINING = [path for path in RUNNABLE if "train_dataloader" in Config.fromfile(path)]
TESTING = [path for path in RUNNABLE if path not in TRAINING]
SMALL_NETWORKS = {"resnet50": "shufflenet_v2_x0_5", "vit_base_patch16_224": "vit_tiny_patch16_224"}
WORDS = [f"word {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(120)]


@TASK_UTILS.register_module()
class SaysNo:
    """A language model that objects to nothing."""

    name = "says-no"

    def replies(self, system, questions):
        yield from ((i, "No") for i, _ in enumerate(questions))

    def check(self):
        pass

    def close(self):
        pass


def name(path):
    return path.relative_to(CONFIGS).as_posix()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two ID classes and one OOD folder of generated photographs."""
    root = tmp_path_factory.mktemp("images")
    noise = np.random.default_rng(0)
    for folder in ("id/a", "id/b", "ood"):
        (root / folder).mkdir(parents=True)
        for i in range(2):
            Image.fromarray(noise.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(root / folder / f"{i}.jpg")
    return root


@pytest.fixture
def shallow(monkeypatch):
    """Two layers a tower, one block a stage of a ResNet: widths, sizes and tokens are the architecture's own.

    The demo's model is small as it is, and may be loaded with its weights.
    """
    whole = open_clip.get_model_config

    def few_layers(name):
        config = whole(name)
        for tower in (config["vision_cfg"], config["text_cfg"]) if name != "mmneglabel-demo" else ():
            tower["layers"] = [1] * 4 if isinstance(tower["layers"], list) else 2
        return config

    monkeypatch.setattr("open_clip.factory.get_model_config", few_layers)


def shrink_miner(miner, tmp_path):
    """On few words, without a language model of its own."""
    if miner.type in ("NegMining", "RandomWords", "CSP"):
        miner.update(corpus=str(tmp_path / "words.txt"), ratio=1.0)
        miner.pop("count", None)
    elif miner.type in ("ReadyList", "ImaginedList"):
        miner.update(path=str(tmp_path / "words.txt"))
    elif miner.type == "NegFilter":
        shrink_miner(miner.pool, tmp_path)
        if miner.judge.type == "LLMJudge":
            miner.judge.log, miner.judge.model = str(tmp_path / "decisions.jsonl"), {"type": "SaysNo"}


def shrink_label_based(config, tmp_path):
    """Few words, two class names and small batches of streams."""
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    config.model.class_names = ["a", "b"]
    if config.model.backbone.type == "TransformersBackbone":
        config.model.backbone.model_name = small_tower(config.model.backbone.model_name, tmp_path / "tower")
    else:
        config.model.backbone.pretrained = None
    config.model.scores = Config(resolve(config.model.scores)).to_dict()
    for score in config.model.scores.values():
        shrink_miner(score.bank, tmp_path)
        score.update({"batch_size": 2} if "streams" in score else {})


def small_tower(name, folder):
    """A small model of the family that the repository's name begins with."""
    pytest.importorskip("transformers")
    from small_transformers import CONFIGS, write_model

    family = name.rpartition("/")[2].partition("-")[0].lower()
    assert family in CONFIGS
    return write_model(folder, family)


def shrink_posthoc(config, id_set):
    """Few channels and two classes; of a library's networks a small one, with random weights."""
    shrink_network(config.model)
    if config.model.head is None:
        backbone = config.model.backbone
        backbone.update(model_name=SMALL_NETWORKS[backbone.model_name], weights=None, num_classes=2)
    else:
        config.model.head.num_classes = 2
    config.load_from = None
    for hook in config.custom_hooks:
        if hook.type == "PostHocFitHook":
            hook.dataloader.dataset = id_set


def shrink(config, images, tmp_path):
    """The config's own model, scores, miners and preprocessing, on few words and few images."""
    id_set = {"type": "CustomDataset", "data_root": str(images / "id")}
    if config.model.type == "NegLabelClassifier":
        shrink_label_based(config, tmp_path)
    else:
        shrink_posthoc(config, id_set)
    config.test_dataloader.update(batch_size=4, num_workers=0)
    dataset = config.test_dataloader.dataset
    dataset.id_set = {"name": "ID", **id_set}
    dataset.ood_sets = [{"name": "OOD", "type": "Pictures", "data_root": str(images / "ood")}]
    dataset.pop("groups", None)
    config.work_dir = str(tmp_path / "work")
    return config


@pytest.mark.parametrize("path", TESTING, ids=name)
def test_runs(path, images, tmp_path, shallow):
    config = shrink(Config.fromfile(path), images, tmp_path)
    Runner.from_cfg(config).test()
    metrics = json.loads((tmp_path / "work" / "metrics.json").read_text())
    # A score that depends on the stream has another name in the table.
    assert {name.removesuffix(MARK) for name in metrics.keys() - {"_run"}} == config.model.scores.keys()


@pytest.mark.parametrize("path", [path for path in TESTING if "posthoc" in path.name], ids=name)
def test_a_librarys_weights_are_published_with_pixels(path):
    model = Config.fromfile(path).model
    if model.head is None:
        kind = MODELS.get(model.backbone.type)
        assert kind.pixels(kind.published(model.backbone.model_name)[model.backbone.weights]).size == (224, 224)


@pytest.fixture(scope="module")
def small_pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("pictures"), np.random.default_rng(0))


@pytest.mark.parametrize("path", TRAINING, ids=name)
def test_trains_then_tests(path, small_pictures, tmp_path, shallow, monkeypatch):
    monkeypatch.setattr("mmpretrain.datasets.CIFAR10.load_data_list", generated_cifar)
    config = shrink_training(Config.fromfile(path), small_pictures, tmp_path)
    runner = Runner.from_cfg(config)
    before = {key: value.clone() for key, value in runner.model.state_dict().items()}
    runner.train()
    after = runner.model.state_dict()
    assert all(bool(after[key].isfinite().all()) for key in after)
    assert all((after[key] != before[key]).any() for key, _ in runner.model.named_parameters())
    work = tmp_path / "work"
    assert [path.name for path in work.glob("best_*")] == ["best_ood_MSP_auroc_epoch_1.pth"]
    assert list(work.glob("*/vis_data/events.out.tfevents.*"))
    runner.test()
    metrics = json.loads((work / "metrics.json").read_text())
    assert metrics.keys() - {"_run"} == metrics["_run"]["scores"].keys() == config.model.scores.keys()


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_a_set_of_the_catalogue_is_read_as_that_says(path):
    """One fact: where prepare_data.py looks for a set is where a config of that name reads it."""
    config = Config.fromfile(path)
    loaders = [config[key] for key in ("val_dataloader", "test_dataloader") if key in config]
    for benchmark in (loader.dataset for loader in loaders):
        for read in [benchmark.id_set, *benchmark.ood_sets]:
            takes = [set_config(read.name, take) for take in SETS[read.name].takes] if read.name in SETS else [read]
            assert read in takes


def test_missing_pictures_are_one_line_and_nothing_is_downloaded(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for config, missing in (("resnet18_cifar10", "data/cifar10"), ("resnet50_imagenet100-2", "data/imagenet/train")):
        assert launch(run_train, CONFIGS / "tagfog" / f"tagfog_{config}.py") == 1
        *_, last = capsys.readouterr().err.splitlines()
        assert last.startswith("error: TrainingSet: id_set: ")
        assert missing in last


@pytest.mark.parametrize("path", TRAINING, ids=name)
def test_a_training_keeps_what_resuming_needs(path):
    """What nobody misses until a run is killed: checkpoints written whole, epochs told to the pictures."""
    config = Config.fromfile(path)
    assert config.train_dataloader.sampler.type == "EpochSampler"
    assert {"PlainCheckpointHook", "OODReportHook"} <= {hook.type for hook in config.custom_hooks}
    assert config.default_hooks.checkpoint.backend_args == {"backend": "atomic"}


@pytest.mark.parametrize("path", TRAINING, ids=name)
def test_every_part_of_a_training_means_the_same_classes(path):
    """Training, validation, test, fitting, head and texts, each of which another config may have changed alone."""
    config = Config.fromfile(path)
    sets = [config[f"{part}_dataloader"].dataset.id_set for part in ("train", "val", "test")]
    sets += [hook.dataloader.dataset for hook in config.custom_hooks if hook.type == "PostHocFitHook"]
    first, *others = [class_lines(labelled) for labelled in sets]
    assert len(others) == 3
    assert others == [first] * 3
    assert config.model.head.num_classes == len(first)
    if config.model.head.type == "TagFogHead":
        (anchors,) = [hook for hook in config.custom_hooks if hook.type == "TextAnchorHook"]
        names = [line.rpartition("\t")[2] for line in first]
        assert len(set(TASK_UTILS.build(anchors.descriptions).describe(names))) == len(names)


@pytest.mark.parametrize("path", [path for path in TRAINING if "small" not in path.name], ids=name)
def test_vim_has_the_authors_dimension_where_it_fits(path):
    model = Config.fromfile(path).model
    assert model.scores.ViM.dim == {128: 64, 512: 384, 2048: 1000}[model.head.in_channels]


@pytest.mark.parametrize("path", [path for path in TRAINING if "cifar" in path.name], ids=name)
def test_every_cifar_table_is_normalised_as_the_authors(path):
    pixels = Config.fromfile(path).data_preprocessor
    for ours, theirs in ((pixels.mean, (0.4914, 0.4822, 0.4465)), (pixels.std, (0.2023, 0.1994, 0.2010))):
        assert [value / 255 for value in ours] == pytest.approx(theirs)


def test_the_other_classes_of_imagenet_100_are_of_neither_list():
    (others,) = Config.fromfile(CONFIGS / "tagfog" / "tagfog_resnet50_imagenet100-1.py").val_dataloader.dataset.ood_sets
    lists = [read_class_list(f"txtfiles/classes/imagenet100_tagfog_{number}.txt") for number in (1, 2)]
    assert {listed.folder for listed in lists[0] + lists[1]}.isdisjoint(others.class_list)


@pytest.mark.parametrize("path", RUNNABLE, ids=name)
def test_opens_with_its_launch_command(path):
    """On line 1: a command that can be copied, and what comes of it."""
    first = path.read_text().partition("\n")[0]
    command = rf"# (python|bash) tools/(dist_)?(test|train)\.(py|sh) configs/{re.escape(name(path))}[ :]"
    assert re.match(command, first)


@pytest.mark.parametrize("path", BASES, ids=name)
def test_bases_are_parsed(path):
    assert len(Config.fromfile(path)) > 0


def test_basenames_are_unique():
    names = [path.name for path in BASES + RUNNABLE]
    assert len(names) == len(set(names))


def test_swapping_the_backbone_is_one_dict():
    base = Config.fromfile(CONFIGS / "neglabel" / "neglabel_clip-vit-b16_in1k.py")
    other = Config.fromfile(CONFIGS / "neglabel" / "neglabel_clip-rn50_in1k.py")
    other.model.backbone.model_name = base.model.backbone.model_name
    assert other.to_dict() == base.to_dict()
