"""The 45 lexicographer files of WordNet, in the order of their numbers (lexnames(5WN)): a constant of the format."""

LEXNAMES: tuple[str, ...] = (
    "adj.all",
    "adj.pert",
    "adv.all",
    "noun.Tops",
    "noun.act",
    "noun.animal",
    "noun.artifact",
    "noun.attribute",
    "noun.body",
    "noun.cognition",
    "noun.communication",
    "noun.event",
    "noun.feeling",
    "noun.food",
    "noun.group",
    "noun.location",
    "noun.motive",
    "noun.object",
    "noun.person",
    "noun.phenomenon",
    "noun.plant",
    "noun.possession",
    "noun.process",
    "noun.quantity",
    "noun.relation",
    "noun.shape",
    "noun.state",
    "noun.substance",
    "noun.time",
    "verb.body",
    "verb.change",
    "verb.cognition",
    "verb.communication",
    "verb.competition",
    "verb.consumption",
    "verb.contact",
    "verb.creation",
    "verb.emotion",
    "verb.motion",
    "verb.perception",
    "verb.possession",
    "verb.social",
    "verb.stative",
    "verb.weather",
    "adj.ppl",
)

_CATEGORY_NUMBERS = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}

LABEL_FILES: tuple[str, ...] = tuple(sorted(n for n in LEXNAMES if n.startswith(("adj.", "noun."))))
"""The 3 adjective and 26 noun files that negative labels come from, sorted by name."""


def lexnames_text() -> str:
    """The text of WordNet's `lexnames` file (number, name, syntactic category), which some packages leave out."""
    rows = (
        f"{number:02d}\t{name}\t{_CATEGORY_NUMBERS[name.partition('.')[0]]}\n" for number, name in enumerate(LEXNAMES)
    )
    return "".join(rows)
