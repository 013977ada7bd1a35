"""From candidate words to a LabelBank: the miners, the artefact they make and the cache that keeps it."""

from mmneglabel.mining.bank import LabelBank
from mmneglabel.mining.bank_file import load_bank, save_bank
from mmneglabel.mining.cache import BankCache
from mmneglabel.mining.corpus_miners import NegMining, RandomWords
from mmneglabel.mining.csp import CSP
from mmneglabel.mining.imagined_list import ImaginedList
from mmneglabel.mining.miners import LabelsOnly, Miner, ReadyList
from mmneglabel.mining.neg_filter import NegFilter
from mmneglabel.mining.notes import notes
from mmneglabel.mining.select import farthest, quantile_similarity

__all__ = [
    "CSP",
    "BankCache",
    "ImaginedList",
    "LabelBank",
    "LabelsOnly",
    "Miner",
    "NegFilter",
    "NegMining",
    "RandomWords",
    "ReadyList",
    "farthest",
    "load_bank",
    "notes",
    "quantile_similarity",
    "save_bank",
]
