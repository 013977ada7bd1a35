# python tools/test.py configs/eoe/eoe_demo.py prints EOE beside MCM on the embedded demo.
_base_ = "../neglabel/neglabel_demo.py"

imagined = "{{ fileDirname }}/../../demo/imagined_outliers.txt"
model = dict(predict_with="MCM", scores=dict(_delete_=True, EOE=dict(bank=dict(path=imagined)), MCM=dict()))
