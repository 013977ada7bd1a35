# python tools/test.py configs/oodd/oodd_demo.py prints OODD beside NegLabel, which it builds on, on the embedded demo.
# Its streams have 124 ID and 29 to 266 OOD images, so batches and dictionary are small: the authors' 2,048 images are
# fewer than the OOD images of any of their streams. One order says little.
_base_ = "../neglabel/neglabel_demo.py"

model = dict(
    scores=dict(_delete_=True, OODD=dict(batch_size=16, capacity=20, streams=5), NegLabel=dict()),
)
