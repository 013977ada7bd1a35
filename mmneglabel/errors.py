"""The errors that a user can cause: one class a cause, so that tools can print one line for each."""


class NegLabelError(Exception):
    """Base of everything a user can get wrong; the message says what, the value seen and the mend."""


class ConfigError(NegLabelError, ValueError):
    """A setting is out of range, unknown, or disagrees with another setting."""


class DataError(NegLabelError):
    """A file, folder, word list or image is missing, empty, unreadable or of the wrong form."""


class WeightsError(NegLabelError):
    """A model, pretrained tag or checkpoint is unknown, unreachable or does not fit the tower."""


class LanguageModelError(NegLabelError):
    """A language model cannot be reached, or answers in a way that cannot be used."""
