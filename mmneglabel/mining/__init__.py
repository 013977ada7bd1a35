"""From candidate words to a LabelBank: the miners, the bank that they make, and what should be said of it."""

from mmneglabel.mining.bank import BANK_FILE, LabelBank, SavedBank, load_bank, save_bank
from mmneglabel.mining.corpus_miners import NegMining, RandomWords
from mmneglabel.mining.csp import CSP
from mmneglabel.mining.edits import Edits
from mmneglabel.mining.imagined_list import ImaginedList
from mmneglabel.mining.miners import LabelsOnly, Miner, ReadyList
from mmneglabel.mining.neg_filter import NegFilter
from mmneglabel.mining.notes import notes
from mmneglabel.mining.select import farthest, quantile_similarity

__all__ = [
    "BANK_FILE",
    "CSP",
    "Edits",
    "ImaginedList",
    "LabelBank",
    "LabelsOnly",
    "Miner",
    "NegFilter",
    "NegMining",
    "RandomWords",
    "ReadyList",
    "SavedBank",
    "farthest",
    "load_bank",
    "notes",
    "quantile_similarity",
    "save_bank",
]
