"""PostHocClassifier: a trained classifier of MMPretrain that also says how much an image looks in-distribution."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from mmpretrain.models import ImageClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmneglabel.building import build
from mmneglabel.errors import ConfigError
from mmneglabel.models.checkpoint import check_fits
from mmneglabel.models.divergence import check_losses
from mmneglabel.models.last_layer import find_last_layer, last_layer
from mmneglabel.models.tagfog_checkpoint import read_authors_names
from mmneglabel.posthoc import Detector, LastLayer, Outputs

_WHITE = 255.0
"""The largest value of a pixel as it is loaded, which means and stds of preprocessors refer to."""


@MODELS.register_module()
class PostHocClassifier(ImageClassifier):
    """MMPretrain's ``ImageClassifier`` with post-hoc OOD scores, all from one forward pass (but for ODIN).

    Training, losses and the names of the weights are those of ``ImageClassifier``, so that any of its checkpoints
    loads, and so do those of TagFog's authors; one that does not fit in full is refused. Detectors that learn from ID
    training images are fitted by ``PostHocFitHook`` before a test, and left out in validation.

    Args:
        backbone, neck, head, pretrained, train_cfg, init_cfg: as for ``ImageClassifier``.
        scores: name in the table -> config of a detector, such as ``dict(MSP=dict(type="MSPDetector"))``.
        data_preprocessor: as for ``ImageClassifier``, but its default type is ``ImagePreprocessor``, unless train_cfg
            asks for batch augmentations. Pictures from
            ``LoadRGBImage`` want ``to_rgb=False``: MMPretrain's ``LoadImageFromFile`` loads BGR.

    Raises:
        ConfigError: there is no head or no score, or a score is of a type for other models.
        WeightsError: a loaded checkpoint does not fit.
    """

    checkpoint_advice = (
        "Give a checkpoint of this very model; to begin training with the backbone of another, set "
        "model.backbone.init_cfg=dict(type='Pretrained', checkpoint=..., prefix='backbone.')."
    )
    """What to do about a checkpoint that does not fit."""

    def __init__(
        self,
        backbone: dict | nn.Module,
        head: dict | nn.Module,
        scores: Mapping[str, dict],
        neck: dict | nn.Module | None = None,
        pretrained: str | None = None,
        train_cfg: dict | None = None,
        data_preprocessor: dict | nn.Module | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        if not isinstance(data_preprocessor, nn.Module):
            # Mixup and its like, which train_cfg asks for, are MMPretrain's own preprocessor's.
            usual = "ClsDataPreprocessor" if train_cfg else "ImagePreprocessor"
            data_preprocessor = {"type": usual, **(data_preprocessor or {})}
        if head is None:
            raise ConfigError("PostHocClassifier: model.head is None, but post-hoc scores need a classifier's head.")
        super().__init__(backbone, neck, head, pretrained, train_cfg, data_preprocessor, init_cfg)
        self.scores = {name: _build_detector(name, config) for name, config in scores.items()}
        if not self.scores:
            raise ConfigError("PostHocClassifier: scores is empty; name at least one, such as MSPDetector.")
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
        """Predict while training goes on: what detectors learned of an earlier state would not fit this one."""
        return self._run_forward(self.data_preprocessor(data, False), mode="validate")

    def parse_losses(self, losses: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        """As every model of OpenMMLab's, but a loss that is no number ends the training."""
        total, named = super().parse_losses(losses)
        check_losses(named)
        return total, named

    @torch.no_grad()
    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        scores: Mapping[str, Detector] | None = None,
    ) -> list[DataSample]:
        """Give each sample ``pred_label``, ``pred_score`` (K,) and ``ood_scores`` (name -> float, higher = more ID).

        ``pred_score`` is the softmax over the K ID classes, as ``ImageClassifier`` has it: which class, if any of them.
        So it adds up to 1, also for a head with outlier classes, where MSP may be less than its largest.

        Args:
            inputs: normalised pixels (N, C, H, W).
            data_samples: N samples, or None for fresh ones.
            scores: the detectors to ask; None is all of :attr:`scores`.

        Raises:
            ConfigError: a detector was not fitted, or reads what this head does not have.
        """
        samples = data_samples or [DataSample() for _ in inputs]
        scores = self.scores if scores is None else scores
        backbone_features = self.extract_feat(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            outputs = self._outputs(backbone_features, inputs, scores)
            found = [detector(outputs).double() for detector in scores.values()]
            probabilities = outputs.logits.softmax(dim=1)
        # One transfer a batch for the scores: asking a GPU for every sample's numbers apart would stall it.
        rows, probabilities = torch.stack(found, dim=1).tolist(), probabilities.cpu()
        labels = probabilities.argmax(dim=1).tolist()
        for sample, row, probability, label in zip(samples, rows, probabilities, labels, strict=True):
            # Its own row: a view would keep, and pickle, the whole batch.
            sample.set_pred_score(probability.clone()).set_pred_label(label)
            sample.ood_scores = dict(zip(scores, row, strict=True))
        return samples

    @torch.no_grad()
    def penultimate(self, inputs: Tensor) -> Tensor:
        """Features (N, D), in float32 or better, of normalised pixels; what detectors are fitted on.

        Raises:
            ConfigError: this head has no such features.
        """
        backbone_features = self.extract_feat(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            return self._outputs(backbone_features, inputs, self.fitting_scores()).features

    def fitting_scores(self) -> dict[str, Detector]:
        """The scores that learn from ID training images."""
        return {name: detector for name, detector in self.scores.items() if detector.needs_fit}

    @property
    def last_layer(self) -> LastLayer | None:
        """The last linear layer, if a score asks for it; known once a batch went through :meth:`penultimate`."""
        return None if self._last_linear is None else last_layer(self._last_linear, self.num_classes)

    def scores_without_fit(self) -> dict[str, Detector]:
        """The scores of validation, where nothing is fitted.

        Raises:
            ConfigError: there are none.
        """
        scores = {name: detector for name, detector in self.scores.items() if not detector.needs_fit}
        if not scores:
            raise ConfigError(
                "PostHocClassifier: every score learns from training images, so validation has none to measure; add "
                "one that does not, such as MSPDetector."
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

    def _outputs(self, backbone_features: Any, pixels: Tensor, scores: Mapping[str, Detector]) -> Outputs:
        """What ``scores`` read; anything else stays None."""
        feats, wanted = self._for_head(backbone_features), scores.values()
        features = self._pre_logits(feats) if any(detector.needs_features for detector in wanted) else None
        every, count = self._logits(feats)
        logits, layer = every[:, :count], None
        if names := [name for name, detector in scores.items() if detector.needs_last_layer]:
            if self._last_linear is None:
                self._last_linear = find_last_layer(self.head, features, logits, names)
            layer = last_layer(self._last_linear, count)
        outputs = Outputs(logits, features, layer, outlier_logits=every[:, count:])
        if not any(detector.needs_pixels for detector in wanted):
            return outputs
        return replace(outputs, pixels=pixels, pixel_std=self._pixel_std(pixels), classify=self._classify)

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
            names = [name for name, detector in self.scores.items() if detector.needs_features]
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


def _build_detector(name: str, config: Mapping[str, Any]) -> Detector:
    detector = build(config)
    if not isinstance(detector, Detector):
        raise ConfigError(
            f"Score {name!r}: {type(detector).__name__} does not read a classifier's outputs; PostHocClassifier takes "
            "MSPDetector, MaxLogitDetector, EnergyDetector, ReActDetector, ODINDetector, MahalanobisDetector, "
            "KNNDetector and ViMDetector."
        )
    return detector
