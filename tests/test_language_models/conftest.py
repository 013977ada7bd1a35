"""Pauses that tests can afford."""

import pytest


@pytest.fixture
def quick(monkeypatch):
    """Retries without the seconds in between."""
    base = pytest.importorskip("openai._base_client", reason="needs openai: pip install 'mmneglabel[endpoint]'")
    monkeypatch.setattr(base, "INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-key")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
