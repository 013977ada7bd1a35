# python tools/test.py configs/csp/csp_demo.py prints CSP beside NegLabel's own words on the embedded demo.
_base_ = "../neglabel/neglabel_demo.py"

model = dict(predict_with="CSP", scores=dict(_delete_=True, CSP=dict(), NegLabel=dict()))
