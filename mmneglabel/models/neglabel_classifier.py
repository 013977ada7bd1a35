"""NegLabelClassifier: zero-shot classification and OOD scores from one pass over the images."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import torch
from mmengine.dist import get_world_size
from mmpretrain.models import BaseClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmneglabel.backbones import Preprocessing, VisionLanguageBackbone
from mmneglabel.building import build
from mmneglabel.corpus import read_class_names
from mmneglabel.errors import ConfigError, DataError, positive
from mmneglabel.mining import LabelBank, Miner
from mmneglabel.models.checkpoint import check_fits
from mmneglabel.models.pair_features import PairFeatures
from mmneglabel.models.score_head import ScoreHead
from mmneglabel.posthoc import Detector
from mmneglabel.scores import Score


@MODELS.register_module()
class NegLabelClassifier(BaseClassifier):
    """A vision-language tower that names the class of an image and says how much it looks in-distribution.

    The labels it compares with come as :class:`LabelBank` objects, from ``NegLabelMiningHook`` or
    :meth:`set_banks`; its state is the tower's alone.

    Args:
        backbone: config of a :class:`VisionLanguageBackbone`, such as
            ``dict(type="OpenCLIPBackbone", model_name="ViT-B-16", pretrained="openai")``.
        class_names: the ID classes in label order: "imagenet", the path of a text or JSON file, or a sequence. None
            leaves it to ``NegLabelMiningHook``, which takes the names that the ID set gives its classes.
        scores: name in the table -> config of a score with the bank it reads, such as
            ``dict(NegLabel=dict(type="NegLabelScore", bank="neglabel"))``.
        predict_with: the bank whose ID labels predict the class; None is the only bank, or the one named "neglabel".
        pair_memory_mb: bound in MiB, a bank, of the text features of label pairs that multi-matching keeps.
        preprocessing_override: what to change of the tower's own pixel facts on purpose, such as
            ``dict(interpolation="bilinear")``, which the log repeats; or "pipeline" to take the pipelines as they are.
        data_preprocessor: config of the preprocessor; what is left out comes from the tower: RGB images, its own mean
            and std.
        init_cfg: as in every OpenMMLab model.

    Raises:
        ConfigError: no scores, a score without a bank, class names that are empty, or a score that wants local
            features from a tower without them.
        WeightsError: the backbone cannot be built, or a loaded checkpoint does not fit it.
    """

    checkpoint_advice = (
        "Give a checkpoint saved by tools/save_checkpoint.py from the same backbone; a bare open_clip checkpoint "
        "belongs into model.backbone.pretrained."
    )
    """What to do about a checkpoint that does not fit."""

    keep_features = False
    """Whether each predicted sample also carries its ``image_feature`` (D,); FeatureCacheHook asks for it."""

    def __init__(
        self,
        backbone: dict | VisionLanguageBackbone,
        class_names: str | Sequence[str] | None = None,
        scores: Mapping[str, dict] | None = None,
        predict_with: str | None = None,
        pair_memory_mb: float = 256,
        preprocessing_override: Mapping[str, Any] | str | None = None,
        data_preprocessor: dict | nn.Module | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        tower = backbone if isinstance(backbone, nn.Module) else MODELS.build(backbone)
        facts = _overridden(tower.preprocessing, preprocessing_override)
        if not isinstance(data_preprocessor, nn.Module):
            data_preprocessor = _preprocessor(facts) | (data_preprocessor or {})
        super().__init__(init_cfg=init_cfg, data_preprocessor=data_preprocessor)
        self.backbone, self.preprocessing = tower, facts
        self.keeps_pipelines = preprocessing_override == "pipeline"
        self.class_names = None if class_names is None else read_class_names(class_names)
        self.scores = dict(_build_score(name, config) for name, config in (scores or {}).items())
        if not self.scores:
            raise ConfigError("NegLabelClassifier: scores is empty; name at least one, such as NegLabelScore.")
        self.needs_local = any(getattr(score, "needs_local", False) for score, _ in self.scores.values())
        if self.needs_local:
            tower.check_local()
        positive(self, pair_memory_mb=pair_memory_mb)
        self.predict_with, self.pair_memory_mb = predict_with, pair_memory_mb
        self.head: ScoreHead | None = None
        self._recipes: dict[str, dict[str, Any]] = {}
        self.register_load_state_dict_pre_hook(check_fits)

    def check_bank_names(self, names: Collection[str]) -> None:
        """Refuse banks that are not all that the scores and the prediction need, before anything is mined.

        Raises:
            ConfigError: names the score and the bank it misses.
        """
        for score, (_, bank) in self.scores.items():
            if bank not in names:
                raise ConfigError(f"Score {score!r} reads the bank {bank!r}, but there are only {sorted(names)}.")
        _predicting(self.predict_with, names)

    def set_banks(self, banks: Mapping[str, LabelBank]) -> None:
        """Compare images with ``banks`` from now on.

        Raises:
            ConfigError: a bank was mined for other class names or another embedding width, a score's bank is missing,
                or a score wants more groups than its bank has negatives.
        """
        self.check_bank_names(banks)
        self.class_names = self.class_names or next(iter(banks.values())).labels
        self._recipes = {name: bank.recipe for name, bank in banks.items()}
        for name, bank in banks.items():
            if bank.labels != self.class_names:
                raise ConfigError(
                    f"The bank {name!r} was mined for other class names ({len(bank.labels)}, first {bank.labels[0]!r}) "
                    f"than the model's ({len(self.class_names)}, first {self.class_names[0]!r}): mine it again."
                )
            if bank.label_features.shape[1] != self.backbone.embed_dim:
                raise ConfigError(
                    f"The bank {name!r} has {bank.label_features.shape[1]}-dimensional features and the backbone "
                    f"{self.backbone.embed_dim}: it was mined with another model."
                )
        paired = {bank for score, bank in self.scores.values() if getattr(score, "needs_pairs", False)}
        pairs = {name: PairFeatures(self.backbone, banks[name], self.pair_memory_mb) for name in sorted(paired)}
        head = ScoreHead(self.scores, banks, _predicting(self.predict_with, banks), pairs)
        self.head = head.to(self.backbone.device)

    def facts(self) -> dict[str, Any]:
        """What the scores were computed with, as plain JSON: pixels, and of each bank its recipe, such as its words."""
        pixels = "as the pipelines make them" if self.keeps_pipelines else asdict(self.preprocessing)
        # Sorted, as a bank from the cache has them: the same run, the same file.
        return json.loads(json.dumps({"pixels": pixels, "banks": self._recipes}, sort_keys=True))

    def tower_facts(self) -> dict[str, str]:
        """What weights alone do not say of their tower: a digest of its modules' kinds, and its pixels.

        Kinds alone, such as QuickGELU: how modules describe themselves differs between releases of PyTorch, and a
        checkpoint travels.
        """
        kinds = [f"{name} {type(module).__name__}" for name, module in self.backbone.named_modules() if name]
        pixels = json.dumps(asdict(self.backbone.preprocessing))
        return {"modules": hashlib.sha256("\n".join(kinds).encode()).hexdigest(), "pixels": pixels}

    def forward(
        self, inputs: Tensor, data_samples: list[DataSample] | None = None, mode: str = "tensor"
    ) -> Tensor | list[DataSample]:
        """Unit-norm features (B, D) in mode "tensor", data samples in mode "predict"."""
        if mode == "tensor":
            return self.extract_feat(inputs)
        if mode == "predict":
            return self.predict(inputs, data_samples)
        raise ConfigError(f"NegLabelClassifier has no mode {mode!r}: it is zero-shot, there is nothing to train.")

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Unit-norm float32 image features (B, D) of normalised pixels (B, 3, H, W).

        Raises:
            ConfigError: the pictures are not of the size that the tower takes.
        """
        self._check_size(inputs)
        return self.backbone.encode_image(inputs)

    @torch.no_grad()
    def predict(self, inputs: Tensor, data_samples: list[DataSample] | None = None) -> list[DataSample]:
        """Give each sample ``pred_label``, ``pred_score`` (K,) and ``ood_scores`` (name -> float, higher = more ID).

        Raises:
            ConfigError: no bank was set, or the pictures are not of the size that the tower takes.
        """
        samples = data_samples or [DataSample() for _ in inputs]
        if not self.needs_local:
            return self.predict_features(self.extract_feat(inputs), samples)
        self._check_size(inputs)
        features, local = self.backbone.encode_image_with_local(inputs)
        return self.predict_features(features, samples, local)

    def _check_size(self, inputs: Tensor) -> None:
        """Refuse pictures that the tower was not made for: some towers would take them and compute nonsense."""
        if (given := tuple(inputs.shape[-2:])) != self.backbone.preprocessing.size:
            raise ConfigError(
                f"The pipeline makes {given[0]}x{given[1]} images and the backbone takes "
                f"{'x'.join(map(str, self.backbone.preprocessing.size))}: set ResizeEdge.scale and "
                "CenterCrop.crop_size accordingly, or leave the pipeline out."
            )

    def predict_features(
        self, features: Tensor, samples: list[DataSample], local: Tensor | None = None
    ) -> list[DataSample]:
        """As :meth:`predict`, from unit-norm image features (B, D) and, where a score wants them, local ones (B, P, D).

        Raises:
            ConfigError: no bank was set.
        """
        if self.head is None:
            raise ConfigError(
                "NegLabelClassifier has no label bank yet: add NegLabelMiningHook to custom_hooks, or call set_banks()."
            )
        scores, logits = self.head(features, local)
        # One transfer a batch: asking a GPU for every sample's numbers apart would stall it.
        columns = [*(score.double() for score in scores.values()), features.norm(dim=-1).double()]
        rows = torch.stack(columns, dim=1).tolist()
        probabilities = logits.softmax(dim=-1).cpu()
        labels = probabilities.argmax(dim=-1).tolist()
        for sample, (*row, norm), probability, label in zip(samples, rows, probabilities, labels, strict=True):
            _check_direction(sample, norm)
            # Its own row: a view would keep, and pickle, the whole batch.
            sample.set_pred_score(probability.clone()).set_pred_label(label)
            sample.ood_scores = dict(zip(scores, row, strict=True))
        if self.keep_features:
            for sample, feature in zip(samples, features.cpu(), strict=True):
                sample.image_feature = feature.clone()
        return samples


def _check_direction(sample: DataSample, norm: float) -> None:
    """Refuse an image that is as near to every label, having no features; NaN shows in the scores.

    Raises:
        DataError: its features are zeros.
    """
    if abs(norm - 1) > 1e-3 and sample.get("unreadable") is None:
        raise DataError(
            f"The image tower gives image {sample.get('img_path')} no features (their norm is {norm:.3g}): its weights "
            "are broken, or half precision is too coarse for it."
        )


def _overridden(facts: Preprocessing, override: Mapping[str, Any] | str | None) -> Preprocessing:
    """The tower's facts with what a config changes on purpose."""
    if override is None or override == "pipeline":
        return facts
    known = [field.name for field in fields(Preprocessing) if field.name != "size"]  # towers take one size alone
    if not isinstance(override, Mapping) or not set(override) <= set(known):
        raise ConfigError(
            f"model.preprocessing_override is {override!r}: give a dict of some of {', '.join(known)}, such as "
            "dict(interpolation='bilinear'), or 'pipeline' to take the pipelines as they are written."
        )
    changed = {name: tuple(value) if isinstance(value, list) else value for name, value in override.items()}
    return replace(facts, **changed)


def _preprocessor(facts: Preprocessing) -> dict:
    """The preprocessor that the tower was trained with, for images loaded as RGB in [0, 255]."""
    scaled = {name: [255 * value for value in getattr(facts, name)] for name in ("mean", "std")}
    return {"type": "mmpretrain.ImagePreprocessor", "to_rgb": False, **scaled}


def _predicting(name: str | None, banks: Collection[str]) -> str:
    """The bank that predicts; order cannot decide it, since MMEngine sorts a config when it writes one down."""
    name = name or (next(iter(banks)) if len(banks) == 1 else "neglabel")
    if name not in banks:
        raise ConfigError(
            f"No bank {name!r} to predict classes with: set model.predict_with to one of {sorted(banks)}."
        )
    return name


def _build_score(name: str, config: dict) -> tuple[str, tuple[Score, str]]:
    """The score's row in the table, the score and its bank's name from one entry of the config."""
    if not isinstance(config, Mapping):
        raise ConfigError(f"Score {name!r} is {config!r}: give a dict such as dict(type='NegLabelScore', bank='...').")
    config = dict(config)
    if not (bank := config.pop("bank", None)):
        raise ConfigError(f"Score {name!r} names no bank: add bank='<name>', a key of NegLabelMiningHook's banks.")
    score = build(config)
    if isinstance(score, Miner | Detector) or not callable(score):
        raise ConfigError(
            f"Score {name!r}: a {type(score).__name__} is no score of images against labels, such as NegLabelScore; "
            "miners belong into NegLabelMiningHook's banks, detectors into a PostHocClassifier."
        )
    if getattr(score, "stateful", False):
        name = f"{name} (stream)"  # depends on which images came before: not to be taken for a static row
        if get_world_size() > 1:
            raise ConfigError(f"Score {name!r} depends on the order of the images: test it in one process.")
    return name, (score, bank)
