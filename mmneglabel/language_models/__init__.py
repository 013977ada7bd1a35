"""Language models behind one interface: a local one, or an endpoint that speaks OpenAI's schema."""

from mmneglabel.language_models.base import LanguageModel
from mmneglabel.language_models.endpoint import ChatEndpoint
from mmneglabel.language_models.local import LocalLanguageModel

__all__ = ["ChatEndpoint", "LanguageModel", "LocalLanguageModel"]
