"""Metadata of mmneglabel, and a build step that puts configs, tools, word lists and the demo into the wheel."""

import re
import shutil
from contextlib import suppress
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

# OpenMMLab's convention: what mim and `mmneglabel.storage.resources` look for in an installed package.
RESOURCES = Path("mmneglabel", ".mim")
RESOURCE_FOLDERS = ("configs", "tools", "txtfiles", "demo")
RESOURCE_FILES = ("model-index.yml",)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.py[co]", ".*", "make")  # demo/make trained the demo's model


class BuildWithResources(build_py):
    """Lays the resources beside the modules: copies in a wheel, and links in an editable install's checkout."""

    def run(self) -> None:
        """Build the package, then lay the resources."""
        super().run()
        target = RESOURCES if self.editable_mode else Path(self.build_lib, RESOURCES)
        shutil.rmtree(target, ignore_errors=True)  # an earlier build's files may be gone from the checkout
        target.mkdir(parents=True)
        for name in RESOURCE_FOLDERS + RESOURCE_FILES:
            if self.editable_mode:
                with suppress(OSError):  # Windows may forbid links; MMEngine alone wants them, for `mmneglabel::`
                    (target / name).symlink_to(Path("..", "..", name))
            elif Path(name).is_dir():
                shutil.copytree(name, target / name, ignore=LEFT_OUT)
            else:
                shutil.copy2(name, target)


def version() -> str:
    """The package's ``__version__``, read as text: importing it would need everything installed."""
    return re.search(r'^__version__ = "(.+)"$', Path("mmneglabel/__init__.py").read_text(), re.MULTILINE)[1]


setup(
    name="mmneglabel",
    version=version(),
    description="Out-of-distribution detection with vision-language models (NegLabel) for MMPretrain",
    long_description=Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE", "txtfiles/LICENSE"],
    python_requires=">=3.10",
    packages=find_packages(include=["mmneglabel", "mmneglabel.*"]),
    package_data={"mmneglabel.visualization": ["page.*"]},
    cmdclass={"build_py": BuildWithResources},
    install_requires=[
        "jinja2>=3.1",
        "matplotlib>=3.7",
        "nltk>=3.9",
        "numpy>=1.24",
        "open_clip_torch>=3.0,<4",
        "pillow>=10.1",
        "safetensors>=0.4",
        "timm>=1.0.17",
        "torch>=2.6",
        "torchvision>=0.21",
        "tqdm>=4.60",
    ],
    extras_require={
        # One of these two, and no hard dependency: both have the same import names, and so would overwrite each other's
        # files, as mmcv-lite would a full mmcv's.
        "openmmlab": ["mmcv-lite>=2.0.1,<2.4", "mmengine>=0.10.4,<1", "mmpretrain>=1.2,<2"],
        "onedl": ["onedl-mmcv>=2.3.6,<3", "onedl-mmengine>=0.10.12,<1", "onedl-mmpretrain>=1.3.6,<2"],
        "hf": ["protobuf>=4", "sentencepiece>=0.2", "transformers>=4.40"],  # the first two for SigLIP's tokenizer
        "export": ["onnx>=1.17", "onnxruntime>=1.20", "onnxscript>=0.5"],
        "parquet": ["pyarrow>=15"],
        "ray": ["pyarrow>=15", "ray[data]>=2.40"],
        "endpoint": ["openai>=1.40"],
        "train": ["tensorboard>=2.14"],
        "demo-train": ["resvg_py>=0.5"],
        "docs": ["furo>=2024.8", "myst-parser>=4", "sphinx>=8"],
        "tests": [
            "furo>=2024.8",
            "hypothesis>=6.100",
            "myst-parser>=4",
            "onnx>=1.17",
            "onnxruntime>=1.20",
            "onnxscript>=0.5",
            "openai>=1.40",
            "pyarrow>=15",
            "pytest>=8",
            "pytest-xdist>=3.6",
            "pytorch-ood>=0.4,<0.5",
            "scikit-learn>=1.3",
            "setuptools>=77",
            "sphinx>=8",
            "tensorboard>=2.14",
            "transformers>=4.40",
        ],
        "dev": ["ruff>=0.17,<0.18"],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3 :: Only",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
