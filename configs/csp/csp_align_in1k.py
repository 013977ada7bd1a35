# bash tools/dist_test.sh configs/csp/csp_align_in1k.py none 8 prints CSP beside NegLabel on ALIGN.
# CSP's authors resize the short edge to 289; ALIGN's own pixels are cut from 346x346. Mean and std are ALIGN's.
_base_ = "./csp_clip-vit-b16_in1k.py"

model = dict(
    backbone=dict(
        _delete_=True,
        type="TransformersBackbone",
        model_name="kakaobrain/align-base",
        preprocess=dict(resize_mode="shortest", resized_to=None),
    )
)
