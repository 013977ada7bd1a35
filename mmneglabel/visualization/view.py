"""What the page says of one run: every number, sentence and chart of it, from its results."""

import json
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmneglabel.calibration import Calibration, kept_and_refused
from mmneglabel.evaluation import OODReport, Resampled
from mmneglabel.evaluation.metrics import Ties, nearest_recall
from mmneglabel.evaluation.report import MEAN
from mmneglabel.evaluation.table import stream_note
from mmneglabel.results import Results
from mmneglabel.visualization.cases import CaseGroup, choose_cases, usual_threshold
from mmneglabel.visualization.charts import LINES, Chart, curves_chart, histogram_chart, unit
from mmneglabel.visualization.curves import histogram, main_score, precision_recall, roc
from mmneglabel.visualization.score_table import ScoreTable
from mmneglabel.visualization.words import WordView

RECALLS = (0.8, 0.9, 0.95, 0.98, 0.99)
"""Of ID images, at which false positive rates are told."""


@dataclass(frozen=True)
class OnSet:
    """What the threshold does on an OOD set: the share that is refused; the share of ID images that pass, and right."""

    name: str
    refused: float
    known: float
    harmonic: float


class RunView:
    """A run as the page tells it.

    Args:
        name: what it is called beside others.
        images: its results.
        resampled: how far its metrics would move.
        cases: how many single images are shown.
    """

    def __init__(self, name: str, images: Results, resampled: Resampled, cases: int) -> None:
        self.name, self.images, self.resampled, self._cases = name, images, resampled, cases
        self.report = OODReport(images)
        self.main = main_score(images)
        self.id_set, *self.ood_sets = images.set_names

    @cached_property
    def single(self) -> bool:
        """Whether the main score is one of single images: a stream's means nothing outside it."""
        return self.main in self.images.score_names

    @cached_property
    def table(self) -> ScoreTable:
        """Every score on every set."""
        return ScoreTable(self.report, self.resampled)

    def number(self, metric: str, block: str = MEAN, score: str | None = None) -> float:
        """A metric in percent, of the main score."""
        return 100 * self.report.metrics[score or self.main][block][metric]

    def interval(self, metric: str, block: str = MEAN) -> tuple[float, float]:
        """Of a metric of the main score, in percent."""
        low, high = self.resampled.interval(self.main, block, metric)
        return 100 * low, 100 * high

    @cached_property
    def hardest(self) -> str:
        """The OOD set on which the main score is worst."""
        return min(self.ood_sets, key=lambda name: self.number("auroc", name))

    @cached_property
    def rival(self) -> tuple[str, float, tuple[float, float]] | None:
        """The best of the other scores of single images: its name, what the main one has more of mean AUROC, paired."""
        others = [score for score in self.images.score_names if score != self.main]
        if not others or not self.single:
            return None
        best = max(others, key=lambda score: self.number("auroc", score=score))
        low, high = self.resampled.difference(self.main, best, MEAN, "auroc")
        return best, self.number("auroc") - self.number("auroc", score=best), (100 * low, 100 * high)

    @cached_property
    def _decimals(self) -> int:
        """Of the main score's values: as many as tell the images apart."""
        values = self.images.values(self.main)
        spread = float(np.nanstd(values))
        return min(12, max(0, 3 - math.floor(math.log10(spread)))) if spread else 2

    def said(self, value: float) -> str:
        """A value of the main score as text."""
        return f"{value:.{self._decimals}f}"

    @property
    def is_share(self) -> bool:
        """Whether the main score is a share, and its values log-odds."""
        return self.images.is_share(self.main)

    def share(self, value: float) -> str:
        """The share that log-odds stand for, in percent."""
        percent = 100 / (1 + math.exp(-max(value, -700.0)))
        return "<0.01 %" if percent < 0.01 else ">99.99 %" if percent > 99.99 else f"{percent:.2f} %"

    @property
    def unit(self) -> str:
        """What the main score's values are."""
        return unit(self.is_share)

    @property
    def streams(self) -> str:
        """How the streams went; empty where there are none."""
        return stream_note(self.report) if self.images.streams else ""

    # Pictures of the main score

    @cached_property
    def histograms(self) -> dict[str, Chart]:
        """A histogram an OOD set."""
        found = histogram(self.images, self.main)
        return {name: histogram_chart(found, self.id_set, name, self.threshold) for name in self.ood_sets}

    @cached_property
    def drawn_sets(self) -> list[str]:
        """The OOD sets that have a line among the curves: the hardest, in the order of the table."""
        hardest = sorted(self.ood_sets, key=lambda name: self.number("auroc", name))[:LINES]
        return [name for name in self.ood_sets if name in hardest]

    @cached_property
    def curves(self) -> dict[str, Chart]:
        """ROC and precision-recall curves, a line an OOD set.

        Of the scores themselves, as AUROC and AUPR are: log-odds tell images apart that tie at 1.
        """
        known = self.images.score(self.main, self.id_set)
        of_sets = [self.images.score(self.main, name) for name in self.drawn_sets]
        both = {
            "ROC": (("OOD images accepted (FPR)", "ID images accepted (TPR)"), roc),
            "Precision and recall": (
                ("ID images accepted (recall)", "ID among accepted (precision)"),
                precision_recall,
            ),
        }
        return {
            name: curves_chart(f"{name} of {self.main}", titles, [curve(known, ood) for ood in of_sets])
            for name, (titles, curve) in both.items()
        }

    @cached_property
    def false_positives(self) -> list[tuple[str, ...]]:
        """A line an OOD set: its name, and the FPR at each of :data:`RECALLS` by the rule of FPR95, in percent."""
        known, lines = self.images.score(self.main, self.id_set), []
        for name in self.ood_sets:
            ties = Ties.of(known, self.images.score(self.main, name))
            accepted, passed = np.cumsum(ties.id_counts), np.cumsum(ties.ood_counts)
            rates = [100 * passed[nearest_recall(accepted, recall)] / passed[-1] for recall in RECALLS]
            lines.append((name, *(f"{rate:.2f}" for rate in rates)))
        return lines

    # The threshold

    @cached_property
    def _threshold(self) -> tuple[float, Calibration | None]:
        return usual_threshold(self.images, self.main)

    @property
    def threshold(self) -> float:
        """What is above it passes; see :func:`usual_threshold`."""
        return self._threshold[0]

    @property
    def calibration(self) -> Calibration | None:
        """What it promises; None where it promises nothing."""
        return self._threshold[1]

    @cached_property
    def accepted(self) -> float:
        """The share of ID images above the threshold, in percent."""
        return 100 * float(np.mean(self.images.values(self.main, self.id_set) > self.threshold))

    @cached_property
    def on_sets(self) -> list[OnSet]:
        """What the threshold does on each OOD set, in percent; ID images without labels count as right."""
        own = self.images.of_set(self.id_set)
        right = self.images.pred_label[own] == self.images.gt_label[own] if self.labelled else np.ones(len(own), bool)
        passes = self.images.values(self.main, self.id_set) > self.threshold
        found = []
        for name in self.ood_sets:
            rates = kept_and_refused(right, passes, self.images.values(self.main, name) > self.threshold)
            known, unknown, harmonic = (100 * rate for rate in rates.values())
            found.append(OnSet(name, unknown, known, harmonic))
        return found

    @property
    def labelled(self) -> bool:
        """Whether the ID images have labels."""
        return self.report.id_accuracy is not None

    @cached_property
    def cases(self) -> list[CaseGroup]:
        """Single images."""
        return choose_cases(self.images, self.main, self.threshold, self._cases) if self._cases else []

    @cached_property
    def words(self) -> WordView | None:
        """The mined words; None where none are told."""
        return WordView(self.images) if len(self.images.negatives) else None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the run was, for people."""
        made, run = self.images.made, self.images.run
        versions = ", ".join(f"{name} {version}" for name, version in made.get("versions", {}).items())
        pixels = run.get("pixels")
        found = {
            "Made": made.get("date", "").replace("T", " ").replace("+00:00", " UTC"),
            "ID images": self._counted(self.id_set) + self._accuracy(),
            "OOD images": "; ".join(self._counted(name) for name in self.ood_sets),
            "Words": "; ".join(
                f"{name}: {bank['words']}" for name, bank in run.get("banks", {}).items() if "words" in bank
            ),
            "Pixels": ", ".join(f"{key} {value}" for key, value in pixels.items())
            if isinstance(pixels, dict)
            else pixels,
            "Packages": versions,
        }
        return [(name, str(value)) for name, value in found.items() if value]

    def _counted(self, name: str) -> str:
        counts = self.report.counts[name]
        return f"{name} {counts['images']:,}" + (f" ({counts['skipped']} unreadable)" if counts["skipped"] else "")

    def _accuracy(self) -> str:
        return f", accuracy {100 * self.report.id_accuracy:.2f} %" if self.labelled else ", without labels"

    @property
    def settings(self) -> str:
        """All that is known of the run, as JSON."""
        return json.dumps(self.images.run, indent=1, ensure_ascii=False)
