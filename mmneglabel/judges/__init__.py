"""Judges: who says which mined words are no negatives after all."""

from mmneglabel.judges.judge import Judge
from mmneglabel.judges.llm_judge import LLMJudge
from mmneglabel.judges.wordnet_judge import WordNetJudge

__all__ = ["Judge", "LLMJudge", "WordNetJudge"]
