"""PostHocClassifier: a trained classifier that also says how much an image looks in-distribution."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any, ClassVar

import torch
from mmengine.logging import MessageHub
from mmpretrain.models import ImageClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmneglabel.errors import ConfigError
from mmneglabel.methods import resolve
from mmneglabel.models.checkpoint import check_fits, read_authors_names
from mmneglabel.models.library import LibraryBackbone, head_of, pixels_of
from mmneglabel.models.preprocessor import tower_preprocessor
from mmneglabel.models.reading import Findings
from mmneglabel.models.scored import Scored, as_json
from mmneglabel.posthoc import LastLayer, Outputs
from mmneglabel.posthoc.outputs import find_last_layer
from mmneglabel.scores import Score
from mmneglabel.scores.precision import full_precision
from mmneglabel.scores.score import FEATURES, FIT, LAST_LAYER, PIXELS

_WHITE = 255.0
"""The largest value of a pixel as it is loaded, which means and stds of preprocessors refer to."""


@MODELS.register_module()
class PostHocClassifier(Scored, ImageClassifier):
    """MMPretrain's ``ImageClassifier`` with post-hoc OOD scores, all from one forward pass (but for ODIN).

    Training, losses and the names of the weights are those of ``ImageClassifier``, so that any of its checkpoints
    loads, and so do those of TagFog's authors; one that does not fit in full is refused. Scores that learn from ID
    training images are fitted by ``PostHocFitHook`` before a test, and left out in validation.

    Args:
        backbone, neck, head, pretrained, train_cfg, init_cfg: as for ``ImageClassifier``. ``TorchvisionBackbone`` and
            ``TimmBackbone`` bring weights, last layer and pixels: with them neck and head are left out.
        scores: row of the table -> what it changes of the method of that name (``mmneglabel.methods``), such as
            ``dict(MSP=dict(), KNN=dict(k=200))``; ``type=...`` names a score of one's own.
        data_preprocessor: as for ``ImageClassifier``, but its default type is ``ImagePreprocessor``, unless train_cfg
            asks for batch augmentations. Pictures from ``LoadRGBImage`` want ``to_rgb=False``: MMPretrain's
            ``LoadImageFromFile`` loads BGR. What is left out comes from a backbone that knows its pixels.
        preprocessing_override: what to change on purpose of the pixels that the backbone knows, as for
            ``NegLabelClassifier``.
    """

    offers: ClassVar[frozenset[str]] = Scored.offers | {FIT, FEATURES, LAST_LAYER, PIXELS}

    checkpoint_advice = (
        "Give a checkpoint of this very model; to begin training with the backbone of another, set "
        "model.backbone.init_cfg=dict(type='Pretrained', checkpoint=..., prefix='backbone.')."
    )
    """What to do about a checkpoint that does not fit."""

    def __init__(
        self,
        backbone: dict | nn.Module,
        head: dict | nn.Module | None = None,
        scores: Mapping[str, dict] | Sequence[str] | None = None,
        neck: dict | nn.Module | None = None,
        pretrained: str | None = None,
        train_cfg: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
        init_cfg: dict | None = None,
        preprocessing_override: Mapping[str, Any] | str | None = None,
    ) -> None:
        network = backbone if isinstance(backbone, nn.Module) else MODELS.build(backbone)
        head, pixels = head_of(network, neck, head), pixels_of(network, preprocessing_override)
        if not isinstance(data_preprocessor, nn.Module):
            # Mixup and its like, which train_cfg asks for, are MMPretrain's own preprocessor's.
            usual = {"type": "ClsDataPreprocessor" if train_cfg else "ImagePreprocessor"}
            known = tower_preprocessor(pixels) if pixels else {}
            data_preprocessor = {**known, **usual, **(data_preprocessor or {})}
        super().__init__(network, neck, head, pretrained, train_cfg, data_preprocessor, init_cfg)
        self.preprocessing, self.keeps_pipelines = pixels, preprocessing_override == "pipeline"
        if isinstance(network, LibraryBackbone):
            self.checkpoint_advice = network.checkpoint_advice
        self.scores = self.build_scores(resolve(scores, banks=False))
        self._last_linear: nn.Linear | None = None
        self.register_load_state_dict_pre_hook(read_authors_names)
        self.register_load_state_dict_pre_hook(check_fits)

    def forward(
        self, inputs: Tensor, data_samples: list[DataSample] | None = None, mode: str = "tensor"
    ) -> Tensor | dict[str, Tensor] | list[DataSample]:
        """As ``ImageClassifier``; mode "validate" predicts with the scores alone that need no fitting."""
        if mode == "validate":
            return self.predict(inputs, data_samples, self.scores_without_fit())
        return super().forward(inputs, data_samples, mode)

    def val_step(self, data: dict) -> list[DataSample]:
        """Predict while training goes on: what scores learned of an earlier state would not fit this one."""
        return self._run_forward(self.data_preprocessor(data, False), mode="validate")

    def parse_losses(self, losses: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        """As every model of OpenMMLab's, but a loss that is no number ends the training.

        Before it spoils the weights, and a picture is blamed for it.

        Raises:
            ConfigError: names the loss and the iteration.
        """
        total, named = super().parse_losses(losses)
        # One transfer for all: MMEngine's log fetches each of them anyway.
        values = dict(zip(named, torch.stack([*named.values()]).tolist(), strict=True))
        for name in reversed(values):  # the sum, which is first, says least
            if not isfinite(values[name]):
                step = MessageHub.get_current_instance().get_info("iter", 0) + 1
                raise ConfigError(
                    f"The {name} is {values[name]} in iteration {step}, so the training diverges: set a smaller "
                    "optim_wrapper.optimizer.lr, a warm-up, or optim_wrapper.clip_grad=dict(max_norm=1.0), or do "
                    "without --amp."
                )
        return total, named

    @torch.no_grad()
    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        scores: Mapping[str, Score] | None = None,
    ) -> Sequence[DataSample]:
        """Give each sample ``pred_label``, ``pred_score`` (K,) and ``ood_scores`` (name -> float, higher = more ID).

        ``pred_score`` is the softmax over the K ID classes, as ``ImageClassifier`` has it: which class, if any of them.
        So it adds up to 1, also for a head with outlier classes, where MSP may be less than its largest. ``inputs`` are
        normalised pixels (N, C, H, W); only ``scores`` are asked, where they are given.
        """
        samples = data_samples or [DataSample() for _ in inputs]
        scores = self.scores if scores is None else scores
        backbone_features = self.extract_feat(inputs)
        with full_precision(inputs.device):
            outputs, probabilities = self._outputs(backbone_features, inputs, scores)
            found = {name: score(outputs) for name, score in scores.items()}
            return self.leave(samples, Findings(found, probabilities))

    @torch.no_grad()
    def penultimate(self, inputs: Tensor) -> Tensor:
        """Features (N, D), in float32 or better, of normalised pixels; what scores are fitted on."""
        backbone_features = self.extract_feat(inputs)
        with full_precision(inputs.device):
            return self._outputs(backbone_features, inputs, self.fitting_scores())[0].features

    def fitting_scores(self) -> dict[str, Score]:
        """The scores that learn from ID training images."""
        return {name: score for name, score in self.scores.items() if FIT in score.needs}

    @property
    def last_layer(self) -> LastLayer | None:
        """The last linear layer, if a score asks for it; known once a batch went through :meth:`penultimate`."""
        return None if self._last_linear is None else LastLayer.of(self._last_linear, self.num_classes)

    def facts(self) -> dict[str, Any]:
        """What the scores were computed with, as plain JSON: the scores, and pixels that the backbone knows."""
        known = {"pixels": self.preprocessing.stated()} if self.preprocessing else {}
        pixels = {"pixels": "as the pipelines make them"} if self.keeps_pipelines else known
        return as_json({**pixels, "scores": self.score_facts()})

    def scores_without_fit(self) -> dict[str, Score]:
        """The scores of validation, where nothing is fitted.

        Raises:
            ConfigError: there are none.
        """
        scores = {name: score for name, score in self.scores.items() if FIT not in score.needs}
        if not scores:
            raise ConfigError(
                "PostHocClassifier: every score learns from training images, so validation has none to measure; add "
                "one that does not, such as MSP."
            )
        return scores

    @property
    def num_classes(self) -> int:
        """K, the ID classes.

        Raises:
            ConfigError: the head does not say.
        """
        if not isinstance(count := getattr(self.head, "num_classes", None), int):
            raise ConfigError(
                f"PostHocClassifier: {type(self.head).__name__} does not say its num_classes, which fitting needs."
            )
        return count

    def _outputs(self, backbone_features: Any, pixels: Tensor, scores: Mapping[str, Score]) -> tuple[Outputs, Tensor]:
        """What ``scores`` read, anything else None; and the probabilities (N, K) of the ID classes."""
        feats, needed = self._for_head(backbone_features), self.needed(scores)
        features = self._pre_logits(feats) if FEATURES in needed else None
        every, count = self._logits(feats)
        logits, layer = every[:, :count], None
        if LAST_LAYER in needed:
            # Found once, since which layer it is does not change; its weights may, so they are taken anew each batch.
            if self._last_linear is None:
                names = [name for name, score in scores.items() if LAST_LAYER in score.needs]
                self._last_linear = find_last_layer(self.head, features, logits, names)
            layer = LastLayer.of(self._last_linear, count)
        outliers = every[:, count:] if every.shape[1] > count else None
        outputs = Outputs(logits.double(), features, layer, outlier_logits=outliers)
        if PIXELS in needed:
            outputs = replace(outputs, pixels=pixels, pixel_std=self._pixel_std(pixels), classify=self._classify)
        return outputs, logits.softmax(dim=1)

    def _logits(self, feats: Any) -> tuple[Tensor, int]:
        """Logits of all classes (N, K + M), and K: a head that learned outliers as classes offers ``all_logits``."""
        if hasattr(self.head, "all_logits"):
            return self.head.all_logits(feats), self.num_classes
        logits = self.head(feats)
        return logits, logits.shape[1]

    def _classify(self, pixels: Tensor) -> Tensor:
        return self._logits(self._for_head(self.extract_feat(pixels)))[0]

    def _for_head(self, feats: Any) -> Any:
        """The backbone's features, which autocast may have left in half precision, as the head's weights are."""
        dtype = next((p.dtype for p in self.head.parameters()), torch.float32)
        if isinstance(feats, Tensor):
            return feats.to(dtype)
        return type(feats)(map(self._for_head, feats)) if isinstance(feats, tuple | list) else feats

    def _pre_logits(self, feats: Any) -> Tensor:
        """Penultimate features (N, D)."""
        features = self.head.pre_logits(feats) if hasattr(self.head, "pre_logits") else None
        if not isinstance(features, Tensor) or features.ndim != 2:
            form = f"{features.ndim}-dimensional ones" if isinstance(features, Tensor) else type(features).__name__
            names = [name for name, score in self.scores.items() if FEATURES in score.needs]
            raise ConfigError(
                f"{type(self.head).__name__}.pre_logits gives {form} instead of one feature vector an image, which "
                f"{', '.join(names)} read: leave them out, or give the model a neck that pools."
            )
        return features

    def _pixel_std(self, pixels: Tensor) -> Tensor:
        """By what the preprocessor divided pixels in [0, 1]."""
        std = getattr(self.data_preprocessor, "std", None)
        std = pixels.new_ones(pixels.shape[1]) if std is None else std.flatten().to(pixels)
        return std / _WHITE
