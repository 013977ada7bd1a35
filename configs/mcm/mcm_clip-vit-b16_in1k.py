# MCM, GL-MCM, MaxLogit and Energy: the scores that know the ID labels alone. Nothing is mined.
# python tools/test.py configs/mcm/mcm_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/mcm/mcm_clip-vit-b16_in1k.py none 8
_base_ = ["../neglabel/neglabel_clip-vit-b16_in1k.py", "../_base_/methods/mcm.py"]

model = dict(scores={{_base_.method_scores}})
custom_hooks = {{_base_.method_hooks}}
