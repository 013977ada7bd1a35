# model.scores.NegLabel.bank.groups: NegMining has no 'groups' any more: scores have it, as in
_base_ = __import__("mmneglabel").config("neglabel/neglabel_demo.py")
model = dict(scores=dict(NegLabel=dict(bank=dict(type="NegMining", groups=50))))
