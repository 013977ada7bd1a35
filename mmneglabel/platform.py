"""Importing MMPretrain on today's stack: a clear word where MMCV is missing, none where its lite build suffices."""

import importlib.util
import warnings

if importlib.util.find_spec("mmcv") is None:
    raise ImportError(
        "mmneglabel needs MMCV: install 'mmcv-lite' (pip install 'mmneglabel[mmcv]'), or the full 'mmcv' where "
        "other OpenMMLab projects want its operators; never both."
    )

with warnings.catch_warnings():
    # mmcv-lite warns of operators that no model here uses.
    warnings.filterwarnings("ignore", message="Fail to import ``MultiScaleDeformableAttention``")
    import mmpretrain.models  # noqa: F401
