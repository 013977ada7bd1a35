"""The words of training: prompts, names of the concepts, and text pairs out of WordNet."""

import random
from typing import TYPE_CHECKING

from concepts import Concept

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import Synset, WordNetCorpusReader

# 40 % the prompt that NegLabel scores with, 30 % the bare word, 30 % others.
PROMPTS = (
    "a photo of a {}",
    "a picture of a {}",
    "a drawing of a {}",
    "an icon of a {}",
    "This is a {} photo",
    "{} emoji",
)

# Where WordNet keeps the sense that is drawn, best first; any other noun sense comes after.
SENSES = {
    "animals": ("noun.animal", "noun.cognition", "noun.person"),
    "plants": ("noun.plant", "noun.food"),
    "food": ("noun.food", "noun.plant", "noun.artifact"),
    "travel-places": ("noun.artifact", "noun.object", "noun.phenomenon", "noun.location"),
    "activities": ("noun.act", "noun.artifact", "noun.event"),
    "objects": ("noun.artifact", "noun.communication", "noun.object"),
    "symbols": ("noun.communication", "noun.shape", "noun.artifact"),
}


def spoken(lemma: str) -> str:
    """A lemma as one writes it: lower case, spaces."""
    return lemma.replace("_", " ").lower()


def prompted(word: str, rng: random.Random) -> str:
    """Puts a word into one of the training prompts."""
    draw = rng.random()
    if draw < 0.4:
        return f"the nice {word}"
    return word if draw < 0.7 else rng.choice(PROMPTS).format(word)


def drawn_sense(name: str, folder: str, wordnet: "WordNetCorpusReader") -> "Synset | None":
    """The noun sense that a drawing of `name` in `folder` shows."""
    senses = wordnet.synsets(name.replace(" ", "_"), pos="n")
    order = SENSES[folder]
    ranked = sorted(senses, key=lambda s: order.index(s.lexname()) if s.lexname() in order else len(order))
    return ranked[0] if ranked else None


class ConceptWords:
    """Every concept's words: its name, synonyms and looser keywords.

    Args:
        concepts: The concepts, in label order of training.
        wordnet: NLTK's reader.
    """

    def __init__(self, concepts: list[Concept], wordnet: "WordNetCorpusReader") -> None:
        self.names = [list(dict.fromkeys([c.name, *c.labels])) for c in concepts]
        self.synsets = [drawn_sense(c.name, c.folder, wordnet) for c in concepts]
        self.synonyms = [[spoken(n) for n in s.lemma_names()] if s else [] for s in self.synsets]
        self.tags = [list(dict.fromkeys(c.tags)) for c in concepts]
        self.known = [
            {*names, *synonyms, *tags, *hypernym_words(synset)}
            for names, synonyms, tags, synset in zip(self.names, self.synonyms, self.tags, self.synsets, strict=True)
        ]

    def draw(self, index: int, rng: random.Random) -> str:
        """One word for the concept: mostly its name, at times a synonym or keyword."""
        chance = rng.random()
        if chance < 0.12 and self.tags[index]:
            return rng.choice(self.tags[index])
        if chance < 0.25 and self.synonyms[index]:
            return rng.choice(self.synonyms[index])
        return self.names[index][0] if chance < 0.8 else rng.choice(self.names[index])


def hypernym_words(synset: "Synset | None") -> set[str]:
    """All words above a synset, which are true of its pictures too."""
    above = synset.closure(lambda s: s.hypernyms()) if synset else ()
    return {spoken(name) for s in above for name in s.lemma_names()}


class WordPairs:
    """Pairs of texts about one synset: a lemma against its gloss, a hypernym or a synonym.

    Args:
        wordnet: NLTK's reader; nouns and adjectives are used.
    """

    def __init__(self, wordnet: "WordNetCorpusReader") -> None:
        self.entries = []
        for synset in [*wordnet.all_synsets("n"), *wordnet.all_synsets("a")]:
            lemmas = [spoken(name) for name in synset.lemma_names()]
            hypernyms = [spoken(name) for s in synset.hypernyms() for name in s.lemma_names()]
            self.entries.append((synset.pos() == "n", lemmas, synset.definition(), hypernyms))

    def draw(self, rng: random.Random) -> tuple[str, str]:
        """One random pair, in prompts."""
        noun, lemmas, gloss, hypernyms = rng.choice(self.entries)
        lemma = lemmas[0] if rng.random() < 0.6 else rng.choice(lemmas)
        left = prompted(lemma, rng) if noun or rng.random() < 0.5 else f"This is a {lemma} photo"
        if hypernyms and rng.random() < 0.35:
            return left, prompted(rng.choice(hypernyms), rng)
        return left, gloss
