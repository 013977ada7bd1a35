# bash tools/dist_test.sh configs/negrefine/negrefine-llm_clip-vit-b16_in1k.py none 8 prints NegRefine with a language
# model as the judge, as in the paper: every decision is logged, and a log answers for good.
_base_ = "./negrefine_clip-vit-b16_in1k.py"

judge = dict(
    type="LLMJudge",
    log="data/negrefine/decisions_imagenet-1k.jsonl",
    # model=None replays a finished log; dict(type="ChatEndpoint", model=..., base_url=...) asks a server.
    model=dict(type="LocalLanguageModel", path="Qwen/Qwen2.5-14B-Instruct-1M"),
)
judged = dict(bank=dict(judge=judge))
model = dict(scores=dict(NegRefine=judged, NegFilter=judged, MultiMatching=judged))
