"""The banks of a model's scores: from the cache or mined, once however many scores want the same words.

All processes share the encoding and end with the same banks; the first alone looks into the cache and keeps it, so that
no two can find different things there.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from mmneglabel.backbones import VisionLanguageBackbone
from mmneglabel.backbones.base import unit
from mmneglabel.backbones.text import embed_words
from mmneglabel.building import build
from mmneglabel.errors import ConfigError, NegLabelError
from mmneglabel.methods import METHODS
from mmneglabel.mining import Edits, LabelBank, LabelsOnly, Miner, NegMining, SavedBank
from mmneglabel.mining.corpus_miners import share_words
from mmneglabel.ranks import check_same, from_first_rank, gathered, rank, rows_on_all, summed, world_size
from mmneglabel.scores.score import NEGATIVES
from mmneglabel.scores.stream import MARK
from mmneglabel.storage.store import Store

_LOG = logging.getLogger(__name__)
_WORTH_A_BAR = 2000


def predicting(name: str | None, miners: Mapping[str, Miner | SavedBank]) -> str:
    """The score that predicts; order cannot decide it, since MMEngine sorts a config when it writes one down.

    Raises:
        ConfigError: there is no such score, or none is named and their labels are written in different templates.
    """
    if name is None:
        templates = {getattr(getattr(miner, "prompts", None), "label", miner) for miner in miners.values()}
        name = "NegLabel" if "NegLabel" in miners or len(templates) > 1 else next(iter(miners))
    rows = [row for row in (name, f"{name}{MARK}") if row in miners]
    if not rows:
        raise ConfigError(
            f"No score {name!r} to predict classes with: set model.predict_with to one of {', '.join(miners)}."
        )
    return rows[0]


def build_bank(name: str, needs: frozenset[str], config: Mapping[str, Any] | None) -> tuple[Miner | SavedBank, Edits]:
    """Who mines for a score, where it does not say what NegLabel or MCM has; and what is changed of it then.

    Raises:
        ConfigError: it is no miner, or one that mines no negatives for a score that needs some; or a score that needs
            none changes them.
    """
    config = dict(METHODS["NegLabel" if NEGATIVES in needs else "MCM"]["bank"] if config is None else config)
    edits = Edits(**{key: config.pop(key) for key in ("drop", "unlike") if key in config})
    miner = build(config, f"model.scores.{name}.bank")
    if not isinstance(miner, Miner | SavedBank):
        raise ConfigError(
            f"Score {name!r}: its bank is a {type(miner).__name__} and no miner: write bank=dict(type='NegMining') or "
            "another miner, or dict(type='SavedBank', path=...)."
        )
    if NEGATIVES in needs and isinstance(miner, LabelsOnly):
        raise ConfigError(f"Score {name!r} needs negatives, and its bank LabelsOnly has none: give it NegMining.")
    if edits and NEGATIVES not in needs:
        raise ConfigError(f"Score {name!r} reads no negatives: leave drop and unlike out of its bank.")
    return miner, edits


@dataclass(frozen=True, eq=False)
class MadeBank:
    """A bank and how it was come by: who made it, or would have, and its file, unless it could not be kept.

    Attributes:
        scores: those that read it.
        mined: whether it was made now.
        seconds: what that, or reading it, took.
    """

    scores: tuple[str, ...]
    bank: LabelBank
    miner: Miner | SavedBank
    kept: Path | None
    mined: bool
    seconds: float

    def __str__(self) -> str:
        if isinstance(self.miner, SavedBank):
            how = "as it was saved"
        else:
            how = f"mined in {self.seconds:.1f} s" if self.mined else "from the cache"
        return f"{self.bank.summary()}; {how}, {self.kept or 'kept nowhere'}"


def make_banks(
    miners: Mapping[str, Miner | SavedBank],
    labels: Sequence[str],
    tower: VisionLanguageBackbone,
    text_tower: str,
    cache: Store[LabelBank],
    batch_size: int = 256,
    edits: Mapping[str, Edits] | None = None,
) -> list[MadeBank]:
    """The banks of K labels for all scores, one for those whose miners would make the same and that ``edits`` alike.

    The tower reads the words, and ``text_tower`` is its ``text_fingerprint()``; a batch is of so many prompts.
    """
    encode, made, edits = SharedTextEncoder(tower, batch_size), {}, edits or {}
    share_words(miners.values())
    readers: dict[str, dict[Edits, list[str]]] = {}  # of a bank as it is mined, by what they change of it
    for name, miner in miners.items():
        changed = readers.setdefault(miner.fingerprint(labels, text_tower), {})
        changed.setdefault(edits.get(name, Edits()), []).append(name)
    first = {key: next(iter(changed.values()))[0] for key, changed in readers.items()}
    # Who reads a whole corpus goes first, so that others find their words encoded, in the rows that it laid out.
    for key in sorted(readers, key=lambda key: not isinstance(miners[first[key]], NegMining)):
        started, miner = time.perf_counter(), miners[first[key]]
        check_same(**{"set of words, class names or text weights": f"{key} {list(readers[key])}"})
        mined_bank, kept, mined = _bank(miner, key, labels, text_tower, cache, encode)
        for edit, names in readers[key].items():
            bank = _edited(mined_bank, edit, encode)
            made[names[0]] = MadeBank(tuple(names), bank, miner, kept, mined, time.perf_counter() - started)
    return [made[name] for name in miners if name in made]


def _edited(bank: LabelBank, edit: Edits, encode: "SharedTextEncoder") -> LabelBank:
    """The bank as its readers want it; one process's for all, as a mined one is."""
    changed = edit(bank, encode)
    return from_first_rank(lambda beat: changed) if edit else bank


def _bank(
    miner: Miner | SavedBank,
    fingerprint: str,
    labels: Sequence[str],
    text_tower: str,
    cache: Store[LabelBank],
    encode: "SharedTextEncoder",
) -> tuple[LabelBank, Path | None, bool]:
    """The bank, its file, and whether it was mined now."""
    if isinstance(miner, SavedBank):  # never through the cache, which knows banks by their recipes
        return miner.bank, Path(miner.path), False
    bank = from_first_rank(lambda beat: cache.load(fingerprint))
    if bank is not None:
        return bank, cache.path(fingerprint), False
    mined = miner.mine(labels, encode, text_tower)  # on every process: they share the encoding
    # One process's bank for all, since their CPUs need not round alike.
    bank, kept = from_first_rank(lambda beat: (mined, cache.save(mined)))
    return bank, kept, True


class SharedTextEncoder:
    """Words to features, each process encoding its share of the batches; several miners share what one has encoded."""

    def __init__(self, backbone: VisionLanguageBackbone, batch_size: int = 256) -> None:
        self._backbone, self._batch_size = backbone, batch_size
        self._known: dict[tuple[str, ...], tuple[dict[str, int], Tensor]] = {}

    def __call__(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> Tensor:
        """Unit-norm features (N, D) of N words, float32 on the CPU, the same bits on every process.

        See :func:`mmneglabel.backbones.encode_words`.
        """
        templates = tuple(templates)
        rows, features = self._known.get(templates, ({}, torch.empty(0, self._backbone.embed_dim)))
        if new := [word for word in dict.fromkeys(words) if word not in rows]:
            rows |= {word: len(rows) + i for i, word in enumerate(new)}
            encoded = self._encode(new, templates)
            features = torch.cat([features, encoded]) if len(features) else encoded
            self._known[templates] = rows, features
        return features[[rows[word] for word in words]]

    def shared(self, compute: Callable[[Tensor], Tensor], rows: Tensor, step: int) -> Tensor:
        """``compute(rows)`` (n, …), each process working on its share of the blocks of ``step`` rows (n, …).

        Raises:
            NegLabelError: what ``compute`` raised on some process, on every process.
        """
        blocks = -(-len(rows) // step)
        first, last = (blocks * number // world_size() * step for number in (rank(), rank() + 1))
        try:
            mine = compute(rows[first:last])
        except NegLabelError as error:  # the others would wait for ever
            mine = error
        parts = gathered(mine)
        for error in (part for part in parts if isinstance(part, NegLabelError)):
            raise error
        return torch.cat(parts)

    def _encode(self, words: list[str], templates: tuple[str, ...]) -> Tensor:
        prompts, processes = len(words) * len(templates), world_size()
        quiet = rank() > 0 or prompts < _WORTH_A_BAR
        if not quiet:  # the bar is for terminals alone
            _LOG.info("Encoding %s words in %s prompts.", f"{len(words):,}", f"{prompts:,}")
        with tqdm(total=prompts, desc="Encoding prompts", unit="prompt", disable=quiet or None) as bar:
            embeddings = embed_words(
                self._backbone,
                words,
                templates,
                batch_size=self._batch_size,
                rank=rank(),
                world_size=processes,
                rows_on_all=rows_on_all,
                progress=lambda done: bar.update(done * processes),
            )
        # The rows of the other processes are zero, so the sum over all is exact.
        return unit(summed(embeddings))
