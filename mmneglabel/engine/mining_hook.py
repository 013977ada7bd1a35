"""The hook that mines negative labels before testing and validation."""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch.utils.data import Dataset

from mmneglabel.corpus import Prompts, names_of_folders
from mmneglabel.engine.checks import check_classes, model_of
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.errors import ConfigError, WeightsError, whole
from mmneglabel.mining import LabelBank, notes
from mmneglabel.models import NegLabelClassifier
from mmneglabel.models.banks import MadeBank
from mmneglabel.scores import TANLScore
from mmneglabel.storage.text_files import write_atomically


@HOOKS.register_module()
class NegLabelMiningHook(Hook):
    """Give the model's scores their label banks: from the cache if they were made from the same things, else by mining.

    Who mines what is said by the scores: ``model.scores.NegLabel.bank=dict(type="NegMining", ratio=0.1)``. The words
    that were chosen are written as prompts to ``<work_dir>/negative_labels/<score>.txt``, a file that ``ReadyList``
    reads back; a bank that several scores read goes by the first one's name.

    Args:
        cache_dir: folder of the cache; None is ``$MMNEGLABEL_CACHE`` or the user's cache folder.
        text_batch_size: prompts a forward pass of the text tower.
        keep_pairs: whether the text features of label pairs that multi-matching encodes are kept in the cache beside
            their bank, for the next test; of several processes those of the first.
    """

    priority = "BELOW_NORMAL"  # after EMAHook, which puts its weights in place before the epoch

    def __init__(self, cache_dir: str | None = None, text_batch_size: int = 256, keep_pairs: bool = False) -> None:
        whole(self, text_batch_size=text_batch_size)
        self.cache_dir = cache_dir
        self._settings = {"cache_dir": cache_dir, "text_batch_size": text_batch_size, "keep_pairs": keep_pairs}

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Compare what ``tools/save_checkpoint.py`` wrote of the tower: other activations fit the same weights.

        Raises:
            WeightsError: the model's tower is set otherwise.
        """
        meta = checkpoint.get("meta") or {}
        here, saved = _model(runner).tower_facts(), meta.get("tower") or {}
        if differing := [name for name, fact in saved.items() if here.get(name) != fact]:
            raise WeightsError(
                f"The checkpoint was saved from a tower with other {' and '.join(differing)} than model.backbone has: "
                f"set it as it was, {meta.get('backbone')}."
            )

    def before_test_epoch(self, runner: Runner) -> None:
        """Prepare the model for the test set."""
        self._prepare(runner, runner.test_dataloader.dataset)

    def before_val_epoch(self, runner: Runner) -> None:
        """Prepare the model for the validation set."""
        self._prepare(runner, runner.val_dataloader.dataset)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Keep the pairs, if so wished."""
        if self._settings["keep_pairs"] and is_main_process():
            _model(runner).keep_pairs(self.cache_dir)

    def _prepare(self, runner: Runner, dataset: Dataset) -> None:
        started, model = time.perf_counter(), _model(runner)
        settle_pixels({"the test set": dataset}, model, runner.logger)
        if model.class_names is None:
            model.class_names = names_of_classes(dataset.metainfo)
            runner.logger.info(f"Class names: the ID set's {len(model.class_names)}, first {model.class_names[0]!r}.")
        check_classes("model.class_names", model.class_names, dataset.metainfo)
        if model.labeller is not None:
            check_classes("model.predict_with", model.labeller.classes or model.class_names, dataset.metainfo)
        made = model.prepare(**self._settings)
        for one in made:
            runner.logger.info(f"Bank of {', '.join(one.scores)}: {one}.")
        if is_main_process():
            folder = Path(runner.work_dir, "negative_labels")
            for one in made:
                _write_words(one.bank, folder / f"{re.sub('[^-+.=() A-Za-z0-9_]', '_', one.scores[0])}.txt")
            said = [said for one in made for said in notes(one.bank, one.miner, model.backbone, one.mined)]
            said += [said for one in made for said in _unlike_the_paper(one, model)]
            for doubt in dict.fromkeys(said):  # once, however many banks give cause for it
                runner.logger.warning(doubt)
        runner.logger.info(f"Ready to score after {time.perf_counter() - started:.2f} s.")


def _model(runner: Runner) -> NegLabelClassifier:
    return model_of(runner, NegLabelClassifier, "NegLabelMiningHook")


def names_of_classes(metainfo: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that an ID set gives its classes.

    Raises:
        ConfigError: it gives none.
    """
    if not (names := metainfo.get("classes")):
        raise ConfigError(
            "model.class_names is left out, and the ID set has no class names: set it to 'imagenet', a list or a file."
        )
    return names_of_folders(names)


def _unlike_the_paper(made: MadeBank, model: NegLabelClassifier) -> Iterator[str]:
    """Banks too small for what a score does with them, and words that TANL cannot choose from."""
    count = len(made.bank.negatives)
    for name in made.scores:
        score = model.scores.get(name)
        if count < (groups := getattr(getattr(score, "static", score), "groups", 0)):
            yield f"Score {name!r} has {count} groups of one negative, not {groups}: there are no more."
        if isinstance(score, TANLScore):
            if made.bank.recipe.get("ratio", 1) < 1:
                yield (
                    f"Score {name!r} chooses among all words, and its bank holds the mined {count:,} alone: set "
                    "bank=dict(type='NegMining', ratio=1)."
                )
            if count < score.length:
                yield (
                    f"Score {name!r} lists {score.length:,} negatives and has {count:,} candidates, whose sum counts "
                    f"several times then: set length to {count} or fewer."
                )


def _write_words(bank: LabelBank, path: Path) -> None:
    """The negatives as prompts, in mined order."""
    if bank.negatives:
        words = zip(bank.negatives, bank.parts_of_speech, strict=True)
        write_atomically(path, "".join(f"{line}\n" for line in Prompts(**bank.recipe["prompts"]).written(words)))
