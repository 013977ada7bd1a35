import pickle

import pytest
from torch._utils import ExceptionWrapper

from mmneglabel.datasets.training_set import TrainingImageError
from mmneglabel.errors import NegLabelError


def test_what_a_worker_raised_is_one_line_again():
    try:
        try:
            raise ValueError("first: cause")
        except ValueError as cause:
            raise TrainingImageError("training image a: b.png: the file\nis empty") from cause
    except TrainingImageError:
        wrapped = pickle.loads(pickle.dumps(ExceptionWrapper(where="in DataLoader worker process 0")))
    with pytest.raises(NegLabelError) as info:
        wrapped.reraise()
    assert type(info.value) is TrainingImageError
    assert str(info.value) == "training image a: b.png: the file is empty"
