"""Out-of-distribution detection with vision-language models for MMPretrain.

Importing the package registers its models, hooks, metrics and datasets, so a config needs only
``custom_imports = dict(imports=["mmneglabel"])``.
"""

from mmneglabel import requirements  # noqa: F401, I001 - before anything that imports MMPretrain
from mmneglabel import datasets, engine, evaluation, models, registry
from mmneglabel.cli.rows import row_config as row
from mmneglabel.storage.resources import shipped_config as config

__version__ = "0.1.0"

__all__ = ["__version__", "config", "datasets", "engine", "evaluation", "models", "registry", "row"]
