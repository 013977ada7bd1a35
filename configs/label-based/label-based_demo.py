# python tools/test.py configs/label-based/label-based_demo.py prints every label-based method on the embedded demo.
_base_ = "../neglabel/neglabel_demo.py"

imagined = "{{ fileDirname }}/../../demo/imagined_outliers.txt"
model = dict(
    scores={
        "_delete_": True,
        "MCM": dict(),
        "GL-MCM": dict(),
        "EOE": dict(bank=dict(path=imagined)),
        "MaxLogit": dict(),
        "Energy": dict(),
        "NegLabel": dict(),
        "CSP": dict(),
        "NegRefine": dict(),
    },
)
