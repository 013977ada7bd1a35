import os
import socket
import subprocess
import sys

import pytest
from paths import ROOT, TESTS
from small_wordnet import nltk_data, wordnet_folder  # noqa: F401


@pytest.fixture
def environment(private_cache):
    """The environment of a tool in a process of its own."""
    return os.environ | {"PYTHONPATH": f"{ROOT}:{TESTS}", "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}


@pytest.fixture
def tool(environment, tmp_path):
    """Run a tool from another folder; returns the finished process with its output as text."""

    def run(name, *arguments, **extra):
        command = ["bash"] if name.endswith(".sh") else [sys.executable]
        command += [str(ROOT / "tools" / name), *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment | extra, capture_output=True, text=True, timeout=300, check=False
        )

    return run


@pytest.fixture
def ranks(forking, tmp_path, unused_port):
    """Run a tool as several processes that the launcher has started; the launcher itself has tests of its own."""

    def run(name, count, *arguments):
        command = (ROOT / "tools" / name, *arguments, "--launcher", "pytorch")
        each = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)]
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(unused_port()), "WORLD_SIZE": str(count)}
        return forking.run_together(*[command] * count, cwd=tmp_path, each=each, **meeting)

    return run


@pytest.fixture
def unused_port():
    """A port for processes to meet at, found anew at each call."""

    def find():
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return sock.getsockname()[1]

    return find
