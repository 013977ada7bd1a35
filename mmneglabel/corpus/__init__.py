"""Words: lexicographer files, class names, prompt templates and WordNet. Pure: no OpenMMLab package, no torch."""

from mmneglabel.corpus.class_list import names_of_folders, read_class_list, read_class_names
from mmneglabel.corpus.descriptions import (
    DescriptionFile,
    PlainPrompts,
    WordNetGlosses,
    read_descriptions,
)
from mmneglabel.corpus.noun_synsets import is_wordnet_id, load_noun_synsets
from mmneglabel.corpus.prompts import Prompts, read_negatives
from mmneglabel.corpus.words import AUTHORS_CORPUS, DEFAULT_EXCLUDE, Corpus, read_corpus
from mmneglabel.storage.resources import resource

__all__ = [
    "AUTHORS_CORPUS",
    "DEFAULT_EXCLUDE",
    "Corpus",
    "DescriptionFile",
    "PlainPrompts",
    "Prompts",
    "WordNetGlosses",
    "is_wordnet_id",
    "load_noun_synsets",
    "names_of_folders",
    "read_class_list",
    "read_class_names",
    "read_corpus",
    "read_descriptions",
    "read_negatives",
    "resource",
]
