"""What the page says of a run's words: which take from good images, a map of all, and a table."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mmneglabel.evaluation.blame import Blame, blamed
from mmneglabel.results import Results
from mmneglabel.visualization.charts import WordMap, word_map

_MARKED = 12
"""Words that are written on the map."""


class WordView:
    """The class names and negatives of the score whose shares are told.

    Args:
        images: what was found of every image; it must have negatives.
    """

    def __init__(self, images: Results) -> None:
        self.images = images

    @cached_property
    def blames(self) -> list[Blame]:
        """The negatives that take most of the ID images' softmax."""
        return blamed(self.images) if self.images.shares_of and self.images.shares else []

    @property
    def most(self) -> list[Blame]:
        """The first of them."""
        return self.blames[:_MARKED]

    @cached_property
    def map(self) -> WordMap | None:
        """Class names and negatives on a plane, the words that take most marked, and the classes they take it of."""
        facts, names = self.images.words, list(self.images.class_names)
        if not {"label_map", "negative_map", "adjectives"} <= facts.keys():
            return None
        negatives, adjectives = facts["negative_map"], facts["adjectives"]
        layers = {"noun": negatives[~adjectives], "adjective": negatives[adjectives], "label": facts["label_map"]}
        marked = [("against", one.word, negatives[one.place]) for one in self.most]
        robbed = dict.fromkeys(name for one in self.most for name, _ in one.classes[:1])
        marked += [("for", name, facts["label_map"][names.index(name)]) for name in robbed]
        return word_map({kind: places for kind, places in layers.items() if len(places)}, marked)

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """Of every negative the word, its distance, 1 for an adjective, and what it takes in percent, by columns.

        Empty is what an earlier version did not keep, and the share of a word that is among the five of no image.
        """
        facts, count = self.images.words, len(self.images.negatives)
        shares: list[float | str] = [""] * count
        for one in self.blames:
            shares[one.place] = float(f"{100 * one.share:.3g}")
        return {
            "word": list(self.images.negatives),
            "distance": facts["distances"].astype(float).round(4).tolist() if "distances" in facts else [""] * count,
            "adjective": facts["adjectives"].astype(int).tolist() if "adjectives" in facts else [""] * count,
            "share": shares,
        }
