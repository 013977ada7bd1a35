"""Importing MMPretrain on today's stacks: a clear word where a part is missing, none where a lite MMCV suffices."""

import importlib.util
import warnings

# By module: OpenMMLab's packages and its fork's have other names and the same modules.
if missing := [name for name in ("mmengine", "mmpretrain", "mmcv") if importlib.util.find_spec(name) is None]:
    raise ImportError(
        f"mmneglabel needs {' and '.join(missing)}: pip install 'mmneglabel[openmmlab]' or, for the maintained fork, "
        "'mmneglabel[onedl]'; one stack alone, since both have the same module names (docs/install.md)"
    )

with warnings.catch_warnings():
    # mmcv-lite warns of operators that no model here uses.
    warnings.filterwarnings("ignore", message="Fail to import ``MultiScaleDeformableAttention``")
    import mmpretrain.models  # noqa: F401
