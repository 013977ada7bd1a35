"""The things that the demo draws: emoji of animals, plants, food, … as named concepts with their words.

A concept is one name that a person would give to a drawing; near-duplicate emoji (dog, dog face) share it.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ANIMAL_SUBGROUPS = range(34, 40)  # animal-mammal … animal-bug in emojibase's numbering
PLANT_SUBGROUPS = range(40, 42)
GENDER_SUBGROUP = 89
FOLDERS = {3: "animals", 4: "food", 5: "travel-places", 6: "activities", 7: "objects", 8: "symbols"}

# Parts and traces of animals are neither ID nor OOD: left out everywhere.
LEFT_OUT = {"pig nose", "paw prints", "feather", "wing", "spiral shell", "spider web", "microbe"}

RENAMED = {
    "guide dog": "dog", "service dog": "dog", "black cat": "cat", "spouting whale": "whale",
    "hatching chick": "chick", "baby chick": "chick", "front-facing baby chick": "chick",
    "lady beetle": "ladybug", "two-hump camel": "bactrian camel", "t-rex": "tyrannosaurus",
    "blowfish": "pufferfish", "honeybee": "bee", "black bird": "blackbird", "ewe": "sheep", "bug": "caterpillar",
    "monkey face": "monkey", "dog face": "dog", "cat face": "cat", "tiger face": "tiger",
    "horse face": "horse", "cow face": "cow", "pig face": "pig", "mouse face": "mouse",
    "rabbit face": "rabbit", "dragon face": "dragon",
}  # fmt: skip


@dataclass
class Concept:
    """One named thing.

    Attributes:
        name: What a person would call it; for animals the ID label.
        folder: The picture folder it belongs to (`animals`, `food`, …).
        codes: Its emoji code points as `1f436` or `2694-…`, without variation selectors.
        labels: The emoji's own names.
        tags: CLDR keywords, looser than names.
    """

    name: str
    folder: str
    codes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def plain_code(code: str) -> str:
    """Code points in lower case without the variation selector, which sources use unevenly."""
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def folder_of(emoji: dict) -> str | None:
    """The picture folder of one emojibase entry; None for people, smileys, flags and leavings."""
    group, subgroup = emoji.get("group"), emoji.get("subgroup")
    if group not in FOLDERS or subgroup == GENDER_SUBGROUP or emoji["label"] in LEFT_OUT:
        return None
    if group == 3 and subgroup in PLANT_SUBGROUPS:
        return "plants"
    return FOLDERS[group]


def read_concepts(art: Path) -> list[Concept]:
    """Reads the fetched emoji names into concepts, in emoji order."""
    concepts: dict[tuple[str, str], Concept] = {}
    for emoji in json.loads((art / "names/package/en/data.json").read_text(encoding="utf-8")):
        folder = folder_of(emoji)
        if folder is None:
            continue
        label = emoji["label"].lower().replace("’", "'")
        name = RENAMED.get(label, label)
        concept = concepts.setdefault((folder, name), Concept(name, folder))
        concept.codes.append(plain_code(emoji["hexcode"]))
        concept.labels.append(label)
        concept.tags += [tag.lower() for tag in emoji.get("tags", ())]
    return list(concepts.values())


def squeezed(name: str) -> str:
    """A name as icon packages spell it: letters and digits only."""
    return re.sub("[^a-z0-9]", "", name.lower())
