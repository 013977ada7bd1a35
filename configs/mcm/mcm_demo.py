# python tools/test.py configs/mcm/mcm_demo.py prints the scores that know the ID labels alone, on the embedded demo.
_base_ = "../neglabel/neglabel_demo.py"

model = dict(scores={"_delete_": True, "MCM": dict(), "GL-MCM": dict(), "MaxLogit": dict(), "Energy": dict()})
