# bash tools/dist_test.sh configs/csp/csp_altclip_in1k.py none 8 prints CSP beside NegLabel on AltCLIP.
_base_ = "./csp_clip-vit-b16_in1k.py"

model = dict(backbone=dict(_delete_=True, type="TransformersBackbone", model_name="BAAI/AltCLIP"))
