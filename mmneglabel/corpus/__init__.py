"""Words: lexicographer files, class names, prompt templates and WordNet. Pure: no OpenMMLab package, no torch."""

from mmneglabel.corpus.class_names import read_class_names
from mmneglabel.corpus.description_file import read_descriptions
from mmneglabel.corpus.descriptions import DescriptionFile, DescriptionSource, PlainPrompts, WordNetGlosses
from mmneglabel.corpus.noun_synsets import NounSynsets, load_noun_synsets
from mmneglabel.corpus.prompts import Prompts, read_negatives
from mmneglabel.corpus.wordnet import lexicographer_words, open_wordnet
from mmneglabel.corpus.words import AUTHORS_CORPUS, DEFAULT_EXCLUDE, Corpus, read_corpus
from mmneglabel.storage.resources import resource

__all__ = [
    "AUTHORS_CORPUS",
    "DEFAULT_EXCLUDE",
    "Corpus",
    "DescriptionFile",
    "DescriptionSource",
    "NounSynsets",
    "PlainPrompts",
    "Prompts",
    "WordNetGlosses",
    "lexicographer_words",
    "load_noun_synsets",
    "open_wordnet",
    "read_class_names",
    "read_corpus",
    "read_descriptions",
    "read_negatives",
    "resource",
]
