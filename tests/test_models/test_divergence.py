import pytest
import torch

from mmneglabel.errors import ConfigError
from mmneglabel.models.divergence import check_losses


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_the_loss_itself_is_named_and_not_the_sum(value):
    one = torch.tensor(1.0)
    check_losses({"loss": one, "loss_ce": one})
    with pytest.raises(ConfigError, match=f"The loss_ce is {value} in iteration"):
        check_losses({"loss": one * value, "loss_ce": one * value, "loss_anchor": one})
