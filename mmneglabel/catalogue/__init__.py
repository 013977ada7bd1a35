"""What the field tests on, as data: picture sets, and what each paper takes of them."""

from mmneglabel.catalogue.sets import ID_SETS, OOD_SETS, SETS, PictureSet, Take, find_set, find_take, set_config

__all__ = ["ID_SETS", "OOD_SETS", "SETS", "PictureSet", "Take", "find_set", "find_take", "set_config"]
