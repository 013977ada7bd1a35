"""What the field tests on, as data: picture sets, what each paper takes of them, and the rows of its tables."""

from mmneglabel.catalogue.protocols import PROTOCOLS, Protocol, find_protocol
from mmneglabel.catalogue.rows import BACKBONES, ROWS, TableRow, find_rows, takes_of
from mmneglabel.catalogue.sets import ID_SETS, OOD_SETS, SETS, PictureSet, Take, find_set, find_take, set_config

__all__ = [
    "BACKBONES",
    "ID_SETS",
    "OOD_SETS",
    "PROTOCOLS",
    "ROWS",
    "SETS",
    "PictureSet",
    "Protocol",
    "TableRow",
    "Take",
    "find_protocol",
    "find_rows",
    "find_set",
    "find_take",
    "set_config",
    "takes_of",
]
