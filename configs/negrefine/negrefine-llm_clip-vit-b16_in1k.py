# NegRefine with a language model as the judge, as in the paper: every decision is logged, and a log answers for good.
# python tools/test.py configs/negrefine/negrefine-llm_clip-vit-b16_in1k.py
# bash tools/dist_test.sh configs/negrefine/negrefine-llm_clip-vit-b16_in1k.py none 8
_base_ = "./negrefine_clip-vit-b16_in1k.py"

pool = dict(type="CSP", corpus="neglabel", quantile=1.0, drop_labels=True)
judge = dict(
    type="LLMJudge",
    log="data/negrefine/decisions_imagenet-1k.jsonl",
    # model=None replays a finished log; dict(type="ChatEndpoint", model=..., base_url=...) asks a server.
    model=dict(type="LocalLanguageModel", path="Qwen/Qwen2.5-14B-Instruct-1M"),
)
custom_hooks = [
    dict(type="NegLabelMiningHook", banks=dict(pool=pool, negrefine=dict(type="NegFilter", pool=pool, judge=judge))),
    dict(type="OODReportHook"),
]
