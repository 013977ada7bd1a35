"""NegLabelClassifier: zero-shot classification and OOD scores from one pass over the images."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from mmpretrain.models import BaseClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from numpy.typing import NDArray
from torch import Tensor, nn

from mmneglabel.backbones import VisionLanguageBackbone
from mmneglabel.corpus import read_class_names
from mmneglabel.errors import ConfigError, did_you_mean, positive
from mmneglabel.methods import resolve, usual
from mmneglabel.mining import BANK_FILE, LabelBank
from mmneglabel.models.banks import MadeBank, build_bank, make_banks, predicting
from mmneglabel.models.checkpoint import check_fits
from mmneglabel.models.labeller import Labeller, labelled
from mmneglabel.models.pair_features import PAIRS_FILE, PairFeatures
from mmneglabel.models.preprocessor import overridden, tower_preprocessor
from mmneglabel.models.reading import Findings
from mmneglabel.models.score_head import ScoreHead
from mmneglabel.models.scored import Scored, as_json
from mmneglabel.scores import NegLabelScore, StreamScore, TextFeatures
from mmneglabel.scores.precision import full_precision
from mmneglabel.scores.score import LOCAL, NEGATIVES, NOISE, PAIRS, STREAM, TEXTS
from mmneglabel.scores.tanl import noise_pictures
from mmneglabel.storage.store import Store


@MODELS.register_module()
class NegLabelClassifier(Scored, BaseClassifier):
    """A vision-language tower that names the class of an image and says how much it looks in-distribution.

    The labels it compares with come as :class:`LabelBank` objects, from :meth:`prepare`, which ``NegLabelMiningHook``
    calls before a test, or from :meth:`set_banks`; its state is the tower's alone.

    Args:
        backbone: config of a :class:`VisionLanguageBackbone`, such as
            ``dict(type="OpenCLIPBackbone", model_name="ViT-B-16", pretrained="openai")``.
        class_names: the ID classes in label order: "imagenet", the path of a text or JSON file, or a sequence. None
            leaves it to ``NegLabelMiningHook``, which takes the names that the ID set gives its classes.
        scores: row of the table -> what it changes of the method of that name (``mmneglabel.methods``), such as
            ``dict(NegLabel=dict(), CSP=dict(groups=50))``; ``method=...`` names another one, and ``type=...`` a score
            of one's own. Who mines its words is in its ``bank``, such as ``dict(type="NegMining", ratio=0.1)``;
            its ``drop`` and ``unlike`` change any bank once it is there, see :class:`mmneglabel.mining.Edits`.
        predict_with: the score whose ID labels predict the class; None where all have the same labels and templates,
            or there is one called "NegLabel". Or a classifier of MMPretrain that says the class in place of them all,
            as ``dict(model="resnet50_8xb32_in1k", checkpoint=None)``; see :class:`mmneglabel.models.labeller.Labeller`.
        pair_memory_mb: bound in MiB, a bank, of the text features of label pairs that multi-matching keeps.
        preprocessing_override: what to change of the tower's own pixel facts on purpose, such as
            ``dict(interpolation="bilinear")``, which the log repeats; or "pipeline" to take the pipelines as they are.
        data_preprocessor: config of the preprocessor; what is left out comes from the tower: RGB images, its own mean
            and std.
        init_cfg: as in every OpenMMLab model.
    """

    offers: ClassVar[frozenset[str]] = frozenset({TEXTS, NEGATIVES, LOCAL, PAIRS, NOISE, STREAM})

    checkpoint_advice = (
        "Give a checkpoint saved by tools/save_checkpoint.py from the same backbone; a bare open_clip checkpoint "
        "belongs into model.backbone.pretrained."
    )
    """What to do about a checkpoint that does not fit."""

    detailed = False
    """Whether samples also carry ``log_odds`` (score -> float) and ``shares``, what spoke for and against an image."""

    turns_pictures = False
    """Whether a test turns pictures as their EXIF tag says; whoever settles the pixels knows."""

    keep_features = False
    """Whether each predicted sample also carries its ``image_feature`` (D,); OODTestLoop asks for it."""

    plays_streams = False
    """Whether somebody plays the streams once all images were seen; samples then carry their features for it."""

    def __init__(
        self,
        backbone: dict | VisionLanguageBackbone,
        class_names: str | Sequence[str] | None = None,
        scores: Mapping[str, dict] | Sequence[str] | None = None,
        predict_with: str | Mapping[str, Any] | None = None,
        pair_memory_mb: float = 256,
        preprocessing_override: Mapping[str, Any] | str | None = None,
        data_preprocessor: dict | nn.Module | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        rows = resolve(scores)
        banks = {name: row.pop("bank", None) for name, row in rows.items()}
        scored = self.build_scores(rows)
        # A score that depends on the stream has another name in the table.
        built = {
            name: build_bank(row, score.needs, bank)
            for (name, score), (row, bank) in zip(scored.items(), banks.items(), strict=True)
        }
        # What is wrong with scores, banks and words was told by now: a tower takes long to build.
        tower = backbone if isinstance(backbone, nn.Module) else MODELS.build(backbone)
        facts = overridden(tower.preprocessing, preprocessing_override)
        if not isinstance(data_preprocessor, nn.Module):
            data_preprocessor = tower_preprocessor(facts) | (data_preprocessor or {})
        super().__init__(init_cfg=init_cfg, data_preprocessor=data_preprocessor)
        self.backbone, self.preprocessing = tower, facts
        self.keeps_pipelines = preprocessing_override == "pipeline"
        self.class_names = None if class_names is None else read_class_names(class_names)
        self.scores = scored
        if LOCAL in self.needed():
            tower.check_local()
        self.miners = {name: miner for name, (miner, _) in built.items()}
        self.edits = {name: edits for name, (_, edits) in built.items()}
        positive(self, pair_memory_mb=pair_memory_mb)
        self.labeller = Labeller(**predict_with) if isinstance(predict_with, Mapping) else None
        self.predict_with = None if self.labeller else predict_with
        self.pair_memory_mb = pair_memory_mb
        self._explained: str | None = None
        self.head: ScoreHead | None = None
        self._banks: dict[str, LabelBank] = {}
        self._made_for: tuple[str, tuple[str, ...]] | None = None
        predicting(self.predict_with, self.miners)
        self.register_load_state_dict_pre_hook(check_fits)

    @property
    def _config(self) -> None:
        """Where MMPretrain's ``get_model`` puts the config, and where its inferencers alone look for it.

        Raises:
            ConfigError: always: they would show the tower BGR, in silence, and leave out the scores.
        """
        raise ConfigError(
            "MMPretrain's inferencers load pictures as BGR and know no OOD scores: use "
            "mmneglabel.apis.NegLabelInferencer, which takes the same config."
        )

    @_config.setter
    def _config(self, config: Any) -> None:
        """Nobody of ours reads it."""

    def prepare(
        self, cache_dir: str | Path | None = None, text_batch_size: int = 256, keep_pairs: bool = False
    ) -> list[MadeBank]:
        """Give every score its bank, from the cache or by mining; nothing is done twice for the same weights and names.

        Args:
            cache_dir: folder of the cache; None is ``$MMNEGLABEL_CACHE`` or the user's cache folder.
            text_batch_size: prompts a forward pass of the text tower.
            keep_pairs: whether to begin with the text features of label pairs that :meth:`keep_pairs` left there.

        Returns:
            The banks, whose they are and where they are from; empty where nothing changed since.
        """
        text_tower = self.backbone.text_fingerprint()
        if self.head is not None and self._made_for == (text_tower, self.class_names):
            return []
        cache = Store(BANK_FILE, cache_dir)
        with full_precision(self.backbone.device):  # which the cache does not ask for
            made = make_banks(
                self.miners, self.class_names, self.backbone, text_tower, cache, text_batch_size, self.edits
            )
        self.set_banks({name: one.bank for one in made for name in one.scores})
        if keep_pairs:
            kept = Store(PAIRS_FILE, cache_dir, "pairs")
            for pairs in self.head.pairs.values():
                pairs.restore(kept.load(pairs.fingerprint))
        self._made_for = (text_tower, self.class_names)
        return made

    def keep_pairs(self, cache_dir: str | Path | None = None) -> None:
        """Keep what multi-matching has encoded beside the banks, for the next :meth:`prepare`."""
        for pairs in self.head.pairs.values():
            Store(PAIRS_FILE, cache_dir, "pairs").save(pairs.kept())

    def set_banks(self, banks: Mapping[str, LabelBank] | LabelBank) -> None:
        """Compare images with ``banks``, one for each score or one for all, from now on.

        Raises:
            ConfigError: a score has none, or one was mined for other class names or another embedding width.
        """
        if isinstance(banks, LabelBank):
            banks = dict.fromkeys(self.scores, banks)
        if lacking := [name for name in self.scores if name not in banks]:
            raise ConfigError(f"No bank for the scores {', '.join(lacking)}: give set_banks() one for each.")
        self.class_names = self.class_names or next(iter(banks.values())).labels
        for name, bank in banks.items():
            if bank.labels != self.class_names:
                raise ConfigError(
                    f"The bank of {name!r} was mined for other class names ({len(bank.labels)}, first "
                    f"{bank.labels[0]!r}) than the model's ({len(self.class_names)}, first {self.class_names[0]!r}): "
                    "mine it again."
                )
            if bank.label_features.shape[1] != self.backbone.embed_dim:
                raise ConfigError(
                    f"The bank of {name!r} has {bank.label_features.shape[1]}-dimensional features and the backbone "
                    f"{self.backbone.embed_dim}: it was mined with another model."
                )
        paired = dict.fromkeys(banks[name] for name, score in self.scores.items() if PAIRS in score.needs)
        pairs = {bank: PairFeatures(self.backbone, bank, self.pair_memory_mb) for bank in paired}
        predict_with = predicting(self.predict_with, self.miners)
        single = {name: score for name, score in self.scores.items() if not isinstance(score, StreamScore)}
        self.head = ScoreHead(single, banks, predict_with, pairs, self._noise).to(self.backbone.device)
        self._banks = dict(banks)

    def facts(self) -> dict[str, Any]:
        """What the scores were computed with, as plain JSON: image tower, pixels, scores, and their banks' recipes.

        A bank goes by the name of the first score that reads it.
        """
        pixels = self.stated_pixels()
        if self.turns_pictures and isinstance(pixels, dict):
            pixels |= {"exif_rotation": True}
        first = {bank: name for name, bank in reversed(self._banks.items())}
        read = {name: {"bank": first[bank]} for name, bank in self._banks.items()}
        scores = {name: {**facts, **read.get(name, {})} for name, facts in self.score_facts().items()}
        banks = {name: self._banks[name].recipe for name in first.values()}
        tower = self.backbone.image_fingerprint()
        labels = {"labels": type(self.labeller.model).__name__} if self.labeller else {}
        return as_json({"image_tower": tower, "pixels": pixels, "scores": scores, "banks": banks, **labels})

    def stated_pixels(self) -> dict[str, Any] | str:
        """The pixels that the tower is shown, as the config states them."""
        return "as the pipelines make them" if self.keeps_pipelines else self.preprocessing.stated()

    def share_words(self) -> dict[str, Any]:
        """What positions in samples' ``shares`` mean: ``class_names``, and the ``negatives`` of ``shares_of``."""
        bank = self._banks.get(self._explaining)
        return {
            "class_names": self.class_names or (),
            "shares_of": self._explaining if bank else None,
            "negatives": bank.negatives if bank else (),
        }

    def word_facts(self) -> dict[str, NDArray]:
        """What ``words`` of :class:`~mmneglabel.results.Results` says of those class names and negatives."""
        if (bank := self._banks.get(self._explaining)) is None:
            return {}
        labels, negatives = bank.text_map().split([len(bank.labels), len(bank.negatives)])
        adjectives = torch.tensor([part == "adj" for part in bank.parts_of_speech], dtype=torch.bool)
        facts = {"distances": bank.distances, "adjectives": adjectives, "label_map": labels, "negative_map": negatives}
        return {name: tensor.cpu().numpy() for name, tensor in facts.items()}

    def streams(self) -> dict[str, tuple[StreamScore, TextFeatures]]:
        """The scores that are played after a test, and what they compare images with, by their names."""
        played = {name: score for name, score in self.scores.items() if isinstance(score, StreamScore)}
        return {name: (score, self.head.texts_of(name)) for name, score in played.items()}

    def _noise(self, seed: int) -> Tensor:
        """Features of TANL's pictures of noise."""
        pictures = noise_pictures(self.backbone.preprocessing.size, seed)
        return self.extract_feat(pictures.to(self.backbone.device))

    def explain(self, score: str | None = None) -> str:
        """From now on compute this score alone, whose shares are kept, and the one that predicts; returns its name.

        None is the score whose shares are kept, or the usual one. The next :meth:`prepare` makes no other banks.

        Raises:
            ConfigError: there is no such score, or it depends on the images seen before.
        """
        score = score or self._explaining or usual(self.scores)
        if score not in self.scores:
            raise ConfigError(f"The model has no score {score!r}: {did_you_mean(score, self.scores)}")
        if isinstance(self.scores[score], StreamScore):
            raise ConfigError(f"Score {score!r} depends on the images before, so it says nothing of a single one.")
        self.predict_with = predicting(self.predict_with, self.miners)
        self._explained, kept = score, dict.fromkeys((self.predict_with, score))
        self.scores, self.miners, self.edits = (
            {name: of[name] for name in kept if name in of} for of in (self.scores, self.miners, self.edits)
        )
        self.scores = {name: one for name, one in self.scores.items() if not isinstance(one, StreamScore)}
        if self.head is not None:
            self.set_banks({name: self._banks[name] for name in self.miners})
        return score

    @property
    def _explaining(self) -> str | None:
        """The score whose shares are kept: the one asked for or that predicts, if it has any, or the first that has."""
        first = [self._explained, predicting(self.predict_with, self.miners), *self.scores]
        return next((name for name in first if isinstance(self.scores.get(name), NegLabelScore)), None)

    def tower_facts(self) -> dict[str, str]:
        """What weights alone do not say of their tower: a digest of its modules' kinds, and its pixels.

        Kinds alone, such as QuickGELU: how modules describe themselves differs between releases of PyTorch, and a
        checkpoint travels.
        """
        kinds = [f"{name} {type(module).__name__}" for name, module in self.backbone.named_modules() if name]
        pixels = json.dumps(self.backbone.preprocessing.stated())
        return {"modules": hashlib.sha256("\n".join(kinds).encode()).hexdigest(), "pixels": pixels}

    def forward(
        self, inputs: Tensor, data_samples: list[DataSample] | None = None, mode: str = "tensor"
    ) -> Tensor | Sequence[DataSample]:
        """Unit-norm features (B, D) in mode "tensor", data samples in mode "predict"."""
        if mode == "tensor":
            return self.extract_feat(inputs)
        if mode == "predict":
            return self.predict(inputs, data_samples)
        raise ConfigError(f"NegLabelClassifier has no mode {mode!r}: it is zero-shot, there is nothing to train.")

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """Unit-norm float32 image features (B, D) of normalised pixels (B, 3, H, W)."""
        self._check_size(inputs)
        return self.backbone.encode_image(inputs)

    @torch.no_grad()
    def predict(self, inputs: Tensor, data_samples: list[DataSample] | None = None) -> Sequence[DataSample]:
        """Give each sample ``pred_label``, ``pred_score`` (K,) and ``ood_scores`` (name -> float, higher = more ID)."""
        samples = data_samples or [DataSample() for _ in inputs]
        if LOCAL not in self.needed():
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
    ) -> Sequence[DataSample]:
        """As :meth:`predict`, from unit-norm image features (B, D) and, where a score wants them, local ones (B, P, D).

        Raises:
            ConfigError: no bank was set.
        """
        if self.head is None:
            raise ConfigError(
                "NegLabelClassifier has no label bank yet: add NegLabelMiningHook to custom_hooks, or call prepare()."
            )
        if not self.plays_streams and (played := self.streams()):
            raise ConfigError(
                f"The scores {', '.join(played)} learn from all images of a test, and nobody plays them: test with "
                "OODTestLoop or OODReportHook, or leave them out to score single images."
            )
        found = self.head(features, local, self._explaining if self.detailed else None)
        probabilities = found.logits.softmax(dim=-1)
        if self.labeller is not None:
            probabilities = labelled(samples, self.labeller, features.device, probabilities.shape[1])
        kept = features if self.keep_features or self.plays_streams else None
        return self.leave(samples, Findings(found.scores, probabilities, features.norm(dim=-1), found.details, kept))
