# python tools/test.py configs/adaneg/adaneg_demo.py prints AdaNeg beside NegLabel, which it builds on, on the embedded
# demo. Its streams have 153 to 390 images, so batches are small; one order says little.
_base_ = "../neglabel/neglabel_demo.py"

stream = dict(batch_size=16, streams=5)
model = dict(
    scores={
        "_delete_": True,
        "AdaNeg": dict(stream),
        "AdaNeg-sample": dict(method="AdaNeg", proxies="sample", **stream),
        "NegLabel": dict(groups=5),
    }
)
