"""One picture, or many, through a tested detector: its class, whether it is one of the classes, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, default_collate
from mmpretrain.structures import DataSample
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from mmneglabel import runtime
from mmneglabel.apis.classifier import as_classifier
from mmneglabel.apis.inputs import Picture, load, pictures_of
from mmneglabel.apis.opening import baked_of, build_model, config_of_model, mining_settings, test_pipeline
from mmneglabel.calibration import Threshold, detector_facts, load_threshold
from mmneglabel.calibration.threshold_file import LOG_ODDS, SCORE
from mmneglabel.datasets.loading import PLACEHOLDER_SHAPE, asks_to_turn
from mmneglabel.errors import ConfigError, DataError, one_line
from mmneglabel.mining import LabelBank, load_bank
from mmneglabel.models import NegLabelClassifier
from mmneglabel.runtime import FIELDS
from mmneglabel.scores.precision import full_precision
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.resources import resource


class NegLabelInferencer:
    """Label pictures, say whether they are of the classes at all, and which words spoke for and against it.

    Example::

        detector = NegLabelInferencer("work_dirs/neglabel_demo", threshold="threshold.json")
        (one,) = detector("photo.jpg")
        print(one["pred_class"], one["decision"], one["against"])

    Args:
        model: a config, its path or the name of a shipped one; the work dir of a test; a ``NegLabelClassifier``; or a
            folder of ``python -m mmneglabel export``, which has all of what follows in it.
        bank: the words and labels, as a :class:`LabelBank` or its file; None takes the config's, from the cache or by
            mining.
        threshold: of ``python -m mmneglabel calibrate``, or its file; None decides nothing.
        classifier: who labels, in place of the detector: a config or model of MMPretrain, ``(config, checkpoint)``, or
            a function of RGB arrays (H, W, 3) that returns (N, K) probabilities of the same K classes.
        device: such as "cuda:0"; None is the first GPU, or the CPU where there is none.
        checkpoint: weights of the detector, where the config's are not meant.
        score: which of the config's scores decides; None is the threshold's, or that which predicts.

    Raises:
        ConfigError: the model is no such classifier, or has no such score.
        DataError: the threshold is another detector's.
    """

    def __init__(
        self,
        model: str | Path | Config | NegLabelClassifier,
        bank: str | Path | LabelBank | None = None,
        threshold: str | Path | Threshold | None = None,
        classifier: Any = None,
        device: str | torch.device | None = None,
        checkpoint: str | Path | None = None,
        score: str | None = None,
    ) -> None:
        self.baked = baked_of(model)
        if self.baked:
            own = {"bank": bank, "threshold": threshold, "classifier": classifier, "device": device,
                   "checkpoint": checkpoint, "score": score}  # fmt: skip
            if given := [name for name, value in own.items() if value]:
                raise ConfigError(f"{model} is a baked detector, which has its own: leave out {', '.join(given)}")
            self.score, self.threshold = self.baked.facts["score"], None
            return
        self.threshold = load_threshold(threshold) if isinstance(threshold, str | Path) else threshold
        config = None if isinstance(model, NegLabelClassifier) else config_of_model(model)
        self.model = model if config is None else build_model(config, checkpoint)
        self.score = self.model.explain(score or (self.threshold.score if self.threshold else None))
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self.model.to(device).eval()
        except (AssertionError, RuntimeError) as error:
            raise ConfigError(f"device is {str(device)!r}, which is not there ({one_line(error)})") from error
        self.model.detailed = True
        if bank is not None:
            self.model.set_banks(bank if isinstance(bank, LabelBank) else load_bank(bank))
        elif self.model.head is None:
            self.model.prepare(**mining_settings(config))
        self.pipeline = test_pipeline(self.model, config)
        self.classifier = None if classifier is None else as_classifier(classifier, self.classes, device)
        if self.threshold:
            self.threshold.check(detector_facts(self.model.facts(), self.score))
            if self.threshold.unit != self.unit:
                raise DataError(f"The threshold is on the {self.threshold.unit} of {self.score!r}, not its {self.unit}")

    @staticmethod
    def list_models(pattern: str | None = None) -> list[str]:
        """The shipped configs of such models, by names that the constructor takes; of those that fit ``pattern``."""
        names = (f"{path.parent.name}/{path.name}" for path in resource("configs").glob("[!_]*/*.py"))
        mine = (name for name in names if name.partition("/")[0] not in ("posthoc", "tagfog"))
        return sorted(name for name in mine if fnmatch(name, pattern or "*"))

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes, by label."""
        return tuple(self.baked.classes if self.baked else self.model.class_names)

    @property
    def unit(self) -> str:
        """What thresholds of the score count in: "log_odds" where it is a share, else "score"."""
        return LOG_ODDS if hasattr(self.model.scores[self.score], "log_odds") else SCORE

    def identity(self) -> dict[str, Any]:
        """What decides its results, as plain JSON; a classifier of one's own, which nobody here knows, is not in it."""
        if self.baked:
            return {"detector": self.baked.id}
        facts = self.model.facts()
        bank = fingerprint(facts.pop("banks"))
        return {**facts, "bank": bank, "threshold": self.threshold and self.threshold.digest}

    def __call__(self, inputs: Any, **settings: Any) -> list[dict[str, Any]] | list[DataSample]:
        """All results at once; arguments as for :meth:`stream`."""
        return list(self.stream(inputs, **settings))

    def stream(
        self,
        inputs: Any,
        batch_size: int = 32,
        workers: int = 0,
        strict: bool = False,
        return_datasamples: bool = False,
    ) -> Iterator[Any]:
        """A result a picture, in order, as they come.

        Args:
            inputs: a path, a folder, a pattern such as ``"photos/*.jpg"``, an address, bytes, a PIL picture, an RGB
                array (H, W, 3) of uint8; or a list of such.
            batch_size: pictures at a time.
            workers: processes that load pictures; 0 is none but this.
            strict: whether a picture that cannot be read is an error; else its result says so in ``error``.
            return_datasamples: whether to give MMPretrain's ``DataSample`` in place of a dict.

        Yields:
            ``image``; ``pred_label``, ``pred_class``, ``pred_score`` (its probability); ``ood_score`` and ``log_odds``,
            None where the score is no share, higher = more in-distribution; ``p_value`` and ``decision`` ("in",
            "review" or "out"), None without a threshold; ``for`` and ``against``, the labels and the negatives with the
            largest shares, as (word, share); ``width`` and ``height`` of the picture's file; ``note`` and ``error``,
            mostly None. Of a picture with an ``error`` all else is None.

        Raises:
            DataError: there is no picture, or one that cannot be read and ``strict``.
        """
        pictures = pictures_of(inputs)
        starts = range(0, len(pictures), batch_size)
        order = (range(start, min(start + batch_size, len(pictures))) for start in starts)
        batches = self._baked(pictures, order, workers) if self.baked else self._samples(pictures, order, workers)
        for one in chain.from_iterable(batches):
            if strict and (error := one["error"] if self.baked else one.unreadable):
                raise DataError(error)
            yield one if return_datasamples or self.baked else self._result(one)

    def batches(
        self,
        pictures: Any,
        order: Iterable[Sequence[Any]],
        workers: int = 0,
        before: Callable[[], None] = lambda: None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Results batch by batch, as :meth:`stream` yields them.

        Args:
            pictures: gives a :class:`Picture` by its key; each process that loads has a copy.
            order: the keys of each batch. Asked for ahead where there are ``workers``.
            workers: as for :meth:`stream`.
            before: called when a batch is loaded and the network is about to see it.
        """
        if self.baked:
            yield from self._baked(pictures, order, workers, before)
            return
        for samples in self._samples(pictures, order, workers, before):
            yield [self._result(sample) for sample in samples]

    def _samples(
        self, pictures: Any, order: Iterable[Sequence[Any]], workers: int, before: Callable[[], None] = lambda: None
    ) -> Iterator[list[DataSample]]:
        loaded = _Loaded(pictures, self.pipeline, self.classifier is not None, self.model.turns_pictures)
        for batch, arrays in DataLoader(loaded, batch_sampler=order, num_workers=workers, collate_fn=_collate):
            before()
            # As a threshold was calibrated, whatever is on around: autocast moves log-odds by tenths.
            with torch.no_grad(), full_precision(self.model.backbone.device):
                samples = self.model.test_step(batch)
            if self.classifier is not None:
                for sample, probabilities in zip(samples, self.classifier(arrays), strict=True):
                    _relabel(sample, probabilities)
            yield samples

    def _baked(
        self, pictures: Any, order: Iterable[Sequence[Any]], workers: int, before: Callable[[], None] = lambda: None
    ) -> Iterator[list[dict[str, Any]]]:
        for batch in DataLoader(_Shown(pictures), batch_sampler=order, num_workers=workers, collate_fn=list):
            before()
            yield self.baked.results(*zip(*batch, strict=True))

    def _result(self, sample: DataSample) -> dict[str, Any]:
        """A data sample as plain values."""
        result = {"image": sample.img_path, **dict.fromkeys(FIELDS[1:])}
        if sample.unreadable:
            return {**result, "error": sample.unreadable}
        height, width = sample.ori_shape
        label, score = int(sample.pred_label), sample.ood_scores[self.score]
        log_odds = sample.log_odds.get(self.score) if "log_odds" in sample else None
        result |= {
            "pred_label": label,
            "pred_class": self.classes[label],
            "pred_score": float(sample.pred_score[label]),
        }
        result |= {"ood_score": score, "log_odds": log_odds}
        result |= {"width": width, "height": height, "note": sample.note}
        if self.threshold:
            value = score if log_odds is None else log_odds
            found = self.threshold.calibration
            result |= {"p_value": float(found.p_values([value])[0]), "decision": found.decide([value])[0]}
        return result | self._words(sample)

    def _words(self, sample: DataSample) -> dict[str, list[tuple[str, float]]]:
        """The labels and the negatives with the largest shares, of scores that are shares."""
        words = self.model.share_words()
        if "shares" not in sample or words["shares_of"] != self.score:
            return {}
        return {
            key: [(words[source][place], share) for place, share in zip(*rows, strict=True)]
            for key, source, rows in (
                ("for", "class_names", _rows(sample.shares, "labels", "label_shares")),
                ("against", "negatives", _rows(sample.shares, "negatives", "negative_shares")),
            )
        }


def _rows(shares: Mapping[str, torch.Tensor], *names: str) -> list[list[Any]]:
    return [shares[name].tolist() for name in names]


class _Loaded(Dataset):
    """Pictures as a test would load them; what cannot be loaded is black, and its sample says why."""

    def __init__(self, pictures: Sequence[Picture], pipeline: Compose, keep: bool, turns: bool) -> None:
        self.pictures, self.keep, self.turns = pictures, keep, turns
        self.loading, self.rest = pipeline.transforms[0], Compose(pipeline.transforms[1:])

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[dict[str, Any], np.ndarray | None]:
        picture = self.pictures[index]
        name, source, problem = picture.name, picture.source, None
        try:
            info = load(source)
        except Exception as error:  # Pillow's decoders raise nearly anything
            info, problem = {"img": np.zeros((*PLACEHOLDER_SHAPE, 3), dtype=np.uint8)}, f"{name}: {one_line(error)}"
        results = self.loading({**info, "img_path": info.get("img_path", name)})
        array = np.array(results["img"]) if self.keep else None
        results["unreadable"] = problem or results["unreadable"]
        packed = self.rest(results)
        sample = packed["data_samples"]
        unturned = asks_to_turn(source) if isinstance(source, Image.Image) else results["unturned"]
        ignored = not self.turns and not sample.unreadable and unturned
        note = "turned by its EXIF tag, which is ignored" if ignored else None
        sample.set_metainfo({"img_path": name, "note": note, "ori_shape": results["ori_shape"]})
        return packed, array


class _Shown(Dataset):
    """Pictures by their names and what a baked detector is shown of them."""

    def __init__(self, pictures: Any) -> None:
        self.pictures = pictures

    def __getitem__(self, key: Any) -> tuple[str, runtime.Loaded]:
        picture = self.pictures[key]
        try:
            (source,) = load(picture.source).values()
        except Exception as error:  # the detector says it as it does of its own
            source = error
        return picture.name, runtime.loaded(picture.name, source)


def _collate(items: Sequence[tuple[dict[str, Any], np.ndarray | None]]) -> tuple[dict[str, Any], list[Any]]:
    packed, arrays = zip(*items, strict=True)
    return default_collate(packed), list(arrays)


def _relabel(sample: DataSample, probabilities: torch.Tensor) -> None:
    sample.set_pred_score(probabilities).set_pred_label(int(probabilities.argmax()))
