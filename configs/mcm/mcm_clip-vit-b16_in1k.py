# bash tools/dist_test.sh configs/mcm/mcm_clip-vit-b16_in1k.py none 8 prints the scores that know the ID labels alone.
_base_ = "../neglabel/neglabel_clip-vit-b16_in1k.py"

model = dict(scores={"_delete_": True, "MCM": dict(), "GL-MCM": dict(), "MaxLogit": dict(), "Energy": dict()})
