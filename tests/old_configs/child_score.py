# model.scores.CSP.bank: banks have no names any more: each score says who mines its words
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
model = dict(scores=dict(CSP=dict(type="NegLabelScore", bank="csp")))
