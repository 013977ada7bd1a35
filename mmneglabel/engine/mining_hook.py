"""The hook that mines negative labels before testing and validation."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS
from torch.utils.data import Dataset

from mmneglabel.building import build
from mmneglabel.corpus import Prompts, read_class_names
from mmneglabel.engine.classes import check_classes
from mmneglabel.engine.pair_cache import PairCache
from mmneglabel.engine.pixels import settle_pixels
from mmneglabel.engine.remarks import remarks
from mmneglabel.engine.runner_model import classifier
from mmneglabel.engine.text_encoding import SharedTextEncoder
from mmneglabel.errors import ConfigError, WeightsError, whole
from mmneglabel.mining import BankCache, LabelBank, Miner, load_bank
from mmneglabel.models import NegLabelClassifier
from mmneglabel.ranks import check_same
from mmneglabel.storage.text_files import write_atomically

T = TypeVar("T")
_MINED = "mined"  # where a bank came from, as the log says it


@HOOKS.register_module()
class NegLabelMiningHook(Hook):
    """Give the model its label banks: from the cache if one was made from the same things, else by mining.

    All processes share the encoding and end with the same bank; the first one keeps the cache and writes the chosen
    words as prompts to ``<work_dir>/negative_labels/<bank>.txt``, a file that ``ReadyList`` reads back.

    Args:
        banks: bank name -> config of a miner, such as ``dict(neglabel=dict(type="NegMining"))``, or the path of a
            saved bank.
        cache_dir: folder of the cache; None is ``$MMNEGLABEL_CACHE`` or the user's cache folder.
        text_batch_size: prompts a forward pass of the text tower.
        keep_pairs: whether the text features of label pairs that multi-matching encodes are kept in the cache beside
            their bank, for the next test; of several processes those of the first.

    Raises:
        ConfigError: no banks; a class count that disagrees with the ID set's; a saved bank from another model.
    """

    priority = "BELOW_NORMAL"  # after EMAHook, which puts its weights in place before the epoch

    def __init__(
        self,
        banks: Mapping[str, dict | str],
        cache_dir: str | None = None,
        text_batch_size: int = 256,
        keep_pairs: bool = False,
    ) -> None:
        if not isinstance(banks, Mapping) or not banks:
            raise ConfigError(
                f"NegLabelMiningHook: banks is {banks!r}: name at least one, such as "
                "dict(neglabel=dict(type='NegMining'))."
            )
        for name in banks:
            if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
                raise ConfigError(f"NegLabelMiningHook: bank {name!r} may hold letters, digits, _ and - only.")
        whole(self, text_batch_size=text_batch_size)
        self._miners = {name: _miner_or_path(name, config) for name, config in banks.items()}
        self._cache = BankCache(cache_dir)
        self._pairs = PairCache(cache_dir) if keep_pairs else None
        self._text_batch_size = text_batch_size
        self._made_for: tuple[str, tuple[str, ...]] | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Compare what ``tools/save_checkpoint.py`` wrote of the tower: other activations fit the same weights.

        Raises:
            WeightsError: the model's tower is set otherwise.
        """
        meta = checkpoint.get("meta") or {}
        here, saved = classifier(runner).tower_facts(), meta.get("tower") or {}
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
        if self._pairs and is_main_process():
            for pairs in classifier(runner).head.pairs.values():
                self._pairs.keep(pairs)

    def _prepare(self, runner: Runner, dataset: Dataset) -> None:
        started = time.perf_counter()
        model = classifier(runner)
        settle_pixels(dataset, model, runner.logger)
        if model.class_names is None:
            model.class_names = _names_of_folders(dataset.metainfo)
            runner.logger.info(f"Class names: the ID set's {len(model.class_names)}, first {model.class_names[0]!r}.")
        check_classes("model.class_names", model.class_names, dataset.metainfo)
        model.check_bank_names(self._miners)
        text_tower = model.backbone.text_fingerprint()
        if self._made_for == (text_tower, model.class_names):
            model.head.reset()
            return  # validation comes back every epoch
        encoder = SharedTextEncoder(model.backbone, self._text_batch_size)
        made = {name: self._bank(name, runner, model, text_tower, encoder) for name in self._miners}
        banks = {name: bank for name, (bank, _) in made.items()}
        model.set_banks(banks)
        for pairs in model.head.pairs.values() if self._pairs else ():
            self._pairs.restore(pairs)
        self._made_for = (text_tower, model.class_names)
        if is_main_process():
            _write_words(banks, Path(runner.work_dir) / "negative_labels")
            mined = [name for name, (_, source) in made.items() if source.startswith(_MINED)]
            for remark in remarks(banks, self._miners, model.backbone, mined):
                runner.logger.warning(remark)
        runner.logger.info(f"Ready to score after {time.perf_counter() - started:.2f} s.")

    def _bank(
        self, name: str, runner: Runner, model: NegLabelClassifier, text_tower: str, encoder: SharedTextEncoder
    ) -> tuple[LabelBank, str]:
        """One bank, the same on all ranks, from a file, the cache or by mining, and which of these."""
        miner, started = self._miners[name], time.perf_counter()
        if isinstance(miner, str):
            bank, source = _saved_bank(name, miner, text_tower), miner
            check_same(**{f"bank {name!r}": bank.fingerprint})
        else:
            bank, source = self._cached_or_mined(miner, model.class_names, text_tower, encoder)
        runner.logger.info(f"Label bank {name!r}: {bank.summary()}; {source} in {time.perf_counter() - started:.2f} s.")
        return bank, source

    def _cached_or_mined(
        self, miner: Miner, class_names: tuple[str, ...], text_tower: str, encoder: SharedTextEncoder
    ) -> tuple[LabelBank, str]:
        """The first rank alone looks into the cache, so that no two ranks can find different things there."""
        fingerprint = miner.fingerprint(class_names, text_tower)
        check_same(**{"set of words, class names or text weights": fingerprint})
        bank = _from_first_rank(self._cache.load(fingerprint) if is_main_process() else None)
        if bank is not None:
            return bank, f"from the cache ({self._cache.path(fingerprint)})"
        bank = _from_first_rank(miner.mine(class_names, encoder, text_tower))
        path = self._cache.save(bank) if is_main_process() else None
        return bank, f"{_MINED} (and kept as {path})" if path else _MINED


def _names_of_folders(metainfo: Mapping) -> tuple[str, ...]:
    """The ID set's own class names, underscores as spaces, as in WordNet.

    Raises:
        ConfigError: there are none.
    """
    if not (names := metainfo.get("classes")):
        raise ConfigError(
            "model.class_names is left out, and the ID set has no class names: set it to 'imagenet', a list or a file."
        )
    return read_class_names([name.replace("_", " ") for name in names])


def _miner_or_path(name: str, config: dict | str) -> Miner | str:
    """What a bank's config says.

    Raises:
        ConfigError: it is neither a miner nor a path.
    """
    made = build(config) if isinstance(config, Mapping) else config
    if not isinstance(made, Miner | str):
        raise ConfigError(
            f"The bank {name!r} is {config!r}, which makes a {type(made).__name__} and no miner: write "
            "dict(type='NegMining') or another miner, or the path of a saved bank; scores belong into model.scores."
        )
    return made


def _from_first_rank(thing: T) -> T:
    """What the first rank holds, on every rank."""
    box = [thing]
    broadcast_object_list(box)
    return box[0]


def _saved_bank(name: str, path: str, text_tower: str) -> LabelBank:
    """A bank from a file, if this model's text tower made it."""
    bank = load_bank(path)
    if bank.recipe["text_tower"] != text_tower:
        raise ConfigError(
            f"The bank {name!r} in {path!r} was mined with another text tower than this model's: "
            "give the model's own weights, or mine a bank for it."
        )
    return bank


def _write_words(banks: Mapping[str, LabelBank], folder: Path) -> None:
    """The negatives of each bank as prompts, in mined order."""
    for name, bank in banks.items():
        if not bank.negatives:
            continue
        words = list(zip(bank.negatives, bank.parts_of_speech, strict=True))
        prompts = Prompts(**bank.recipe["prompts"]).written(words)
        write_atomically(folder / f"{name}.txt", "\n".join(prompts) + "\n")
