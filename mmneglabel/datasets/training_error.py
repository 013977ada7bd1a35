"""The error of a training picture, on its way from a data loader's worker to the user."""

from mmneglabel.errors import DataError


class TrainingImageError(DataError):
    """A training picture cannot be read or does not fit the pipeline; always one line.

    PyTorch raises the error of a worker again, as the same class with the worker's whole traceback for a message. A
    traceback ends with the message of its error, so that line is taken.
    """

    def __init__(self, message: str) -> None:
        if "\nOriginal Traceback (most recent call last):\n" in message:
            message = message.strip().rpartition("\n")[2].partition(": ")[2]
        super().__init__(" ".join(message.split()))
