"""EOE's negatives: outlier class names that a language model has imagined, less those too near to the ID classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from torch import Tensor

from mmneglabel.corpus import Prompts
from mmneglabel.corpus.words import USERS
from mmneglabel.errors import DataError, one_of, within
from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.miners import Encode, Miner, Words
from mmneglabel.mining.select import quantile_similarity
from mmneglabel.storage.fingerprints import fingerprint
from mmneglabel.storage.text_files import as_path, read_json, read_lines

_WHAT = "list of imagined names"


@dataclass(frozen=True, kw_only=True)
class ImaginedList(Miner):
    """Imagined outlier names, chosen as EOE's code does (ICML 2024, arXiv 2406.00806): the ready answers of its model.

    Names are lower-cased and stand once, and those equal to an ID name, whatever its case, go. What stays keeps the
    order of the list; the authors' is that of a Python set.

    Args:
        path: of a ``.json`` file as the authors released them (an object of lists of names; its keys are not used), or
            of a text file of one name a line.
        task: "far" (also for fine-grained classes), or "near": then a name also goes that shares a word with any ID
            name. Words are what blanks part, and those of ID names keep their case.
        max_cosine: names go whose cosine to any ID name is larger; None asks for none, 0.85 is the authors' for near
            names of ImageNet-20.
    """

    own_prompts: ClassVar[Prompts] = Prompts(label="a photo of a {}", noun="a photo of a {}")

    path: str | Path
    task: Literal["far", "near"] = "far"
    max_cosine: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of(self, ("far", "near"), task=self.task)
        if self.max_cosine is not None:
            within(self, -1, 1, max_cosine=self.max_cosine)

    @cached_property
    def names(self) -> list[str]:
        """All names of the file as they stand there, read once."""
        return _read_names(as_path(self.path, _WHAT))

    def sources(self) -> dict[str, Any]:
        """The list's digest and the rules."""
        words = f"{USERS}: {len(self.names):,} imagined"
        return {"words": words, "names": fingerprint(self.names), "task": self.task, "max_cosine": self.max_cosine}

    def notes(self, bank: LabelBank) -> list[str]:
        """How many names stayed."""
        kept, names = len(bank.negatives), len(self.names)
        return [f"{kept:,} of {names:,} imagined names stay by the rules of EOE's {self.task} task."]

    def choose(self, labels: Sequence[str], label_features: Tensor, encode: Encode) -> tuple[Words, Tensor, Tensor]:
        """The names that the task leaves; the similarities are for information."""
        words: Words = [(name, "noun") for name in far_enough(self.names, labels, self.task)]
        self.some(len(words))
        features = self.encode(words, encode)
        if self.max_cosine is not None:
            rows = ((features @ label_features.T).amax(dim=1) <= self.max_cosine).nonzero()[:, 0]
            words, features = [words[row] for row in rows.tolist()], features[rows]
            self.some(len(words))
        return words, features, quantile_similarity(features, label_features, 0.95)


def far_enough(names: Sequence[str], labels: Sequence[str], task: str) -> list[str]:
    """The distinct names in lower case that are no ID label and, for the near task, share no word with one."""
    known = {label.lower() for label in labels}
    near = {word for label in labels for word in label.split()} if task == "near" else set()
    distinct = dict.fromkeys(name.lower() for name in names)
    return [name for name in distinct if name not in known and near.isdisjoint(name.split())]


def _read_names(path: Path) -> list[str]:
    """The names of a file, blank ones left out."""
    names = _names_in(read_json(path, _WHAT), path) if path.suffix.lower() == ".json" else read_lines(path, _WHAT)
    names = [name for name in names if name.strip()]
    if not names:
        raise DataError(f"{_WHAT} {path} is empty: it needs one name a line")
    return names


def _names_in(found: Any, path: Path) -> list[str]:
    """The names of all lists of a JSON object."""
    lists = list(found.values()) if isinstance(found, dict) else [None]
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in lists):
        raise DataError(f"{_WHAT} {path} must hold a JSON object of lists of names, such as EOE's files")
    return [name for names in lists for name in names]
