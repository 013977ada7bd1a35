"""What a batch left on its device, brought to the host in one copy, and there onto its data samples."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from mmpretrain.structures import DataSample
from torch import Tensor

from mmneglabel.errors import DataError
from mmneglabel.scores import Shares


@dataclass(frozen=True, eq=False)
class Details:
    """What spoke for and against B images.

    Attributes:
        log_odds: (B,) float64 of the scores that are shares, by name.
        shares: of the explaining score.
        doubtful: (B,), of which images the numbers are wrong, so that :attr:`exact` is to be asked; None is of none.
        exact: the right ones of all images, at the price of some waiting for the device.
    """

    log_odds: dict[str, Tensor] = field(default_factory=dict)
    shares: Shares | None = None
    doubtful: Tensor | None = None
    exact: Callable[[], "Details"] | None = None

    def tensors(self) -> dict[str, Tensor]:
        """All of it, by name."""
        odds = {"log_odds": torch.stack([*self.log_odds.values()], dim=1)} if self.log_odds else {}
        doubtful = {} if self.doubtful is None else {"doubtful": self.doubtful}
        return {**odds, **(self.shares._asdict() if self.shares else {}), **doubtful}


NOTHING = Details()


@dataclass(frozen=True, eq=False)
class Findings:
    """What a model found of B images, on its device.

    Attributes:
        scores: (B,) by name.
        probabilities: (B, K) of the classes.
        norms: (B,) of the images' features, where they should be 1.
        details: where they are asked for.
        features: (B, D), where samples are to carry them.
    """

    scores: Mapping[str, Tensor]
    probabilities: Tensor
    norms: Tensor | None = None
    details: Details = NOTHING
    features: Tensor | None = None

    def tensors(self, probabilities: bool) -> dict[str, Tensor]:
        """What samples carry, by name; with or without the probabilities, of which the largest alone is asked for."""
        columns = [*self.scores.values(), *([] if self.norms is None else [self.norms])]
        found = {
            "numbers": torch.stack([column.double() for column in columns], dim=1),
            # Of the probabilities, not of the logits: two of these may be one of those.
            "predicted": self.probabilities.argmax(dim=1),
            **self.details.tensors(),
        }
        if self.features is not None:
            found["features"] = self.features
        return found | ({"probabilities": self.probabilities} if probabilities else {})


class Reading:
    """Tensors (B, ...), by name, on their way from their device to the host: one copy, waited for by :meth:`read`."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._forms = {name: (tensor.dtype, tensor.shape) for name, tensor in tensors.items()}
        # As bytes, so that one copy holds them with all their bits, whatever they are.
        rows = [tensor.detach()[..., None].view(torch.uint8).flatten(1) for tensor in tensors.values()]
        packed, self._arrived = torch.cat(rows, dim=1), None
        self._widths = [row.shape[1] for row in rows]
        self._host = packed.to("cpu", non_blocking=packed.is_cuda)
        if packed.is_cuda:  # what is queued behind it is not waited for
            self._arrived = torch.cuda.current_stream(packed.device).record_event()

    def read(self) -> dict[str, Tensor]:
        """The tensors, on the host."""
        if self._arrived is not None:
            self._arrived.synchronize()
        parts = self._host.split(self._widths, dim=1)
        return {name: _as_it_was(part, *form) for (name, form), part in zip(self._forms.items(), parts, strict=True)}


def read_behind(readings: Iterable[Reading]) -> Iterator[dict[str, Tensor]]:
    """What each of the ``readings`` brings, once the next one is on its way."""
    before = None
    for reading in readings:
        if before is not None:
            yield before.read()
        before = reading
    if before is not None:
        yield before.read()


def _as_it_was(part: Tensor, dtype: torch.dtype, shape: torch.Size) -> Tensor:
    """Numbers of their bytes (B, n), which are cloned, so that they begin where numbers of any kind may."""
    return part.clone(memory_format=torch.contiguous_format).flatten().view(dtype).view(shape)


class LateSamples(Sequence[DataSample]):
    """Data samples that get what was found of them when the first of them is looked at.

    Each has ``pred_label``, ``ood_scores`` (name -> float, higher = more ID) and, where they were found or asked for,
    ``pred_score`` (K,), ``image_feature`` (D,), ``log_odds`` (name -> float) and ``shares``.
    """

    def __init__(self, samples: list[DataSample], found: Findings, probabilities: bool) -> None:
        self._samples, self._found = samples, found
        self._reading = Reading(found.tensors(probabilities))

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> DataSample:
        return self.read[index]

    def __iter__(self) -> Iterator[DataSample]:
        return iter(self.read)

    @cached_property
    def read(self) -> list[DataSample]:
        """The samples, with all that was found.

        Raises:
            DataError: an image has no features.
        """
        here, details = self._reading.read(), self._found.details
        if "doubtful" in here and here["doubtful"].any():
            details = details.exact()
            here |= Reading(details.tensors()).read()
        _fill(self._samples, self._found, here)
        if details.shares is not None:
            _add_details(self._samples, details, here)
        for name, give in (("probabilities", DataSample.set_pred_score), ("features", _set_feature)):
            for sample, row in zip(self._samples, here[name], strict=True) if name in here else ():
                # Its own row: a view would keep, and pickle, the whole batch.
                give(sample, row.clone())
        self._found = self._reading = None
        return self._samples


def _fill(samples: Sequence[DataSample], found: Findings, here: Mapping[str, Tensor]) -> None:
    """Label, number of classes and scores of each image."""
    classes, count = found.probabilities.shape[1], len(found.scores)
    for sample, row, label in zip(samples, here["numbers"].tolist(), here["predicted"].tolist(), strict=True):
        for norm in row[count:]:
            _check_direction(sample, norm)
        sample.set_pred_label(label).set_field(classes, "num_classes", field_type="metainfo")
        sample.ood_scores = dict(zip(found.scores, row, strict=False))


def _add_details(samples: Sequence[DataSample], details: Details, here: Mapping[str, Tensor]) -> None:
    """Log-odds and shares of each image."""
    for place, (sample, row) in enumerate(zip(samples, here["log_odds"].tolist(), strict=True)):
        sample.log_odds = dict(zip(details.log_odds, row, strict=True))
        sample.shares = {name: here[name][place] for name in Shares._fields}


def _set_feature(sample: DataSample, feature: Tensor) -> None:
    sample.image_feature = feature


def _check_direction(sample: DataSample, norm: float) -> None:
    """Refuse an image that is as near to every label, having no features; NaN shows in the scores."""
    if abs(norm - 1) > 1e-3 and sample.get("unreadable") is None:
        raise DataError(
            f"The image tower gives image {sample.get('img_path')} no features (their norm is {norm:.3g}): its weights "
            "are broken, or half precision is too coarse for it."
        )
