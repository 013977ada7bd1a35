# python tools/test.py configs/tanl/tanl_demo.py prints TANL beside NegLabel on the embedded demo. Its streams have 153
# to 390 images, so batches are small; one order says little.
_base_ = "../neglabel/neglabel_demo.py"

stream = dict(batch_size=16, streams=3)
model = dict(
    scores={
        "_delete_": True,
        "TANL": dict(stream),
        "TANL-step-0": dict(method="TANL", step=0, **stream),
        "NegLabel": dict(),
    }
)
