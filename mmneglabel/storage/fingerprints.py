"""What two recipes have in common if they are the same."""

import hashlib
import json
from typing import Any


def fingerprint(recipe: Any) -> str:
    """SHA-256 of anything that JSON can hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
