"""What our classifiers have in common: scores from a config, and what they leave on data samples."""

import json
from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any, ClassVar

from mmpretrain.structures import DataSample
from torch import nn

from mmneglabel.building import build
from mmneglabel.errors import ConfigError
from mmneglabel.models.reading import Findings, LateSamples
from mmneglabel.scores import Score, StreamScore
from mmneglabel.scores.score import STREAM
from mmneglabel.scores.stream import MARK


class Scored:
    """A classifier with ``scores``: the name of a row in the table -> its score."""

    offers: ClassVar[frozenset[str]] = frozenset()
    """What scores may need of this model."""
    scores: dict[str, Score | StreamScore]

    says_probabilities = True
    """Whether samples carry ``pred_score`` (K,); OODTestLoop does without where nobody reads it."""

    reads_later = False
    """Whether predictions are :class:`LateSamples`, so that the device may go on meanwhile; OODTestLoop's wish."""

    def build_scores(self, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Score | StreamScore]:
        """The scores by the names of their rows, from their full configs."""
        return dict(self._build_score(name, config) for name, config in rows.items())

    def _build_score(self, name: str, config: Mapping[str, Any]) -> tuple[str, Score | StreamScore]:
        score = build(config, f"model.scores.{name}")
        if not isinstance(score, Score | StreamScore):
            raise ConfigError(
                f"Score {name!r}: a {type(score).__name__} is no score, such as NegLabelScore or MSPScore; miners "
                "belong into a score's bank."
            )
        if name.endswith(MARK):
            raise ConfigError(f"Score {name!r}: {MARK!r} is added to the names of streams by itself: leave it out.")
        if STREAM in score.needs and not isinstance(score, StreamScore):
            raise ConfigError(
                f"Score {name!r}: a {type(score).__name__} needs the images before: derive it from StreamScore, which "
                "is played after the test."
            )
        if lacking := score.needs - self.offers:
            raise ConfigError(
                f"Score {name!r}: {type(score).__name__} needs {', '.join(sorted(lacking))}, which a "
                f"{type(self).__name__} does not offer: leave it out of model.scores."
            )
        return (f"{name}{MARK}" if isinstance(score, StreamScore) else name), score

    def leave(self, samples: list[DataSample], found: Findings) -> Sequence[DataSample]:
        """The samples, with what was found of them; at once, or when somebody looks at one."""
        late = LateSamples(samples, found, self.says_probabilities)
        return late if self.reads_later else late.read

    def score_facts(self) -> dict[str, dict[str, Any]]:
        """What each score computes with, by the name of its row: its type and its parameters."""
        return {name: _facts(score) for name, score in self.scores.items()}

    def needed(self, scores: Mapping[str, Score | StreamScore] | None = None) -> frozenset[str]:
        """All that ``scores``, or all of the model's, need."""
        return frozenset().union(*(score.needs for score in (self.scores if scores is None else scores).values()))


def on_gpu(model: nn.Module) -> bool:
    """Whether the model's device works on while Python does."""
    return any(parameter.is_cuda for parameter in model.parameters())


def as_json(facts: Any) -> Any:
    """What JSON makes of ``facts``, so that what was read back equals what was written: the same run, the same file."""
    return json.loads(json.dumps(facts, sort_keys=True, default=repr))


def _facts(score: Score | StreamScore) -> dict[str, Any]:
    """Its type, and the parameters that it keeps under their names, as every dataclass does."""
    names = (name for name in signature(type(score)).parameters if hasattr(score, name))
    kept = {name: getattr(score, name) for name in names}
    inner = {name: _facts(value) for name, value in kept.items() if isinstance(value, Score)}
    return {"type": type(score).__name__, **kept, **inner}
