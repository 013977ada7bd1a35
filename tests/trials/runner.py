"""The command line, how processes are started, and what stands in the work dir."""

from trials.trial import Trial

PIPELINE = "test_dataloader.dataset.pipeline"
BANK = "model.scores.NegLabel.bank"
OWN_SCORE = """
from mmpretrain.registry import TASK_UTILS
from mmneglabel.scores import Score

@TASK_UTILS.register_module()
class {name}(Score):
    def __call__(self, seen):
        return seen.logits.sum(1)
"""


def options(name, says, *given, **more):
    """A trial of ``--cfg-options``."""
    return Trial(name, says, command=("--cfg-options", *given), **more)


def own_score(where, name, place):
    """A score in a file of one's own."""
    scores = {"_delete_": True, "Own": {"type": name}}
    config = {"custom_imports.imports": ["mmneglabel", "stand_in", name], "model.scores": scores}
    return Trial(
        f"own score {where}",
        "Bank of Own: 3 labels alone",
        config,
        {f"{place}/{name}.py": OWN_SCORE.format(name=name)},
        code=0,
    )


TRIALS = [
    options(
        "a blank in a path", "here and there/gone.txt cannot be read", f"{BANK}.corpus={{here}}/here and there/gone.txt"
    ),
    options("a blank in a template", "label='a photo of' needs exactly one {}", f"{BANK}.prompts.label=a photo of"),
    options("no equals sign", "'work_dir' is not of the form KEY=VALUE", "work_dir"),
    options("no key", "'=1' is not of the form KEY=VALUE", "=1"),
    options("an open bracket", "a bracket of '[1, 2' is not closed", f"{BANK}.exclude=[1, 2"),
    options(
        "a top-level key misspelt",
        "nothing reads 'test_dataloder'; did you mean 'test_dataloader'",
        "test_dataloder.batch_size=8",
    ),
    options(
        "a key misspelt below",
        "NegLabelClassifier takes no 'scors': did you mean 'scores'",
        "model.scors.MCM.temperature=2",
    ),
    options(
        "an entry that a list lacks",
        "custom_hooks is a list of 2, counted from 0: it has no '2'",
        "custom_hooks.2.type=OODReportHook",
    ),
    options(
        "a name for a list's entry",
        "custom_hooks is a list of 2, counted from 0: it has no 'banks'",
        "custom_hooks.banks.ratio=1",
    ),
    options("a key of a number", "test_dataloader.batch_size is 4, which has no 'x'", "test_dataloader.batch_size.x=1"),
    options(
        "a dict for a list", "model.class_names: it is ['cat', 'dog', 'bird'], not a dict", "model.class_names={'a': 1}"
    ),
    options("launcher as an option", "give --launcher instead", "launcher=pytorch"),
    options("modules as an option", "'custom_imports' was read with the config file", "custom_imports.imports=[x]"),
    options(
        "a variable read before",
        f"set {BANK}.quantile.",
        "quantile=1",
        config={"quantile": 0.5, f"{BANK}.quantile": 0.5},
    ),
    options(
        "a preprocessor beside the model's",
        "set model.data_preprocessor.mean",
        "data_preprocessor.mean=[1,1,1]",
        config={"model.data_preprocessor": {"type": "ImagePreprocessor"}},
    ),
    options("all of MMEngine's log", "mmengine - INFO - Config:", "verbose=True", code=0),
    options("weights as an option", "No checkpoint file at 'gone.pth'", "load_from=gone.pth"),
    Trial("a launcher alone", "--launcher pytorch, but no RANK in the environment", command=("--launcher", "pytorch")),
    Trial(
        "torchrun alone", "2 processes were started (WORLD_SIZE=2) without --launcher", environment={"WORLD_SIZE": "2"}
    ),
    Trial("srun alone", "give --launcher slurm, or start one", environment={"SLURM_STEP_NUM_TASKS": "8"}),
    Trial("rescoring in two processes", "2 processes were started", tool="rescore", environment={"WORLD_SIZE": "2"}),
    Trial("digests forgotten", "31 pictures are read a second time", command=("--save-features",), code=0),
    Trial("no hooks", "There is no NegLabelMiningHook", {"custom_hooks": None}, command=("--save-features",)),
    Trial(
        "a module misspelt",
        "custom_imports: Failed to import my_scoer; looked for where you stand",
        {"custom_imports": {"imports": ["my_scoer"]}},
    ),
    Trial("loaders in a list", "test_dataloader is a list: give one dict", {"test_dataloader": [{"batch_size": 4}]}),
    Trial("a precision in words", "test_cfg.fp16 is 'no', which would count as True", {"test_cfg.fp16": "no"}),
    Trial(
        "a file for the work dir",
        "File exists: '{here}/file'",
        files={"file": ""},
        command=("--work-dir", "{here}/file"),
    ),
    Trial("one prefix twice", "Two OODMetrics have the prefix 'ood'", {"test_evaluator": [{"type": "OODMetric"}] * 2}),
    Trial(
        "a score called as the run",
        "A score is called '_run'",
        {"model.scores._run": {"method": "MCM"}},
    ),
    Trial("a folder for the scores", "results.safetensors is a folder", files={"work/results.safetensors/x": ""}),
    Trial("a folder for the metrics", "metrics.json is a folder", files={"work/metrics.json/x": ""}),
    Trial("a file for the words", "File exists: '{here}/work/negative_labels'", files={"work/negative_labels": ""}),
    Trial(
        "flipped and averaged",
        "--tta",
        {f"{PIPELINE}.3": {"type": "TestTimeAug", "transforms": [[{"type": "PackInputs"}]]}},
    ),
    Trial(
        "Accuracy beside ours",
        "accuracy/top1:",
        {"test_evaluator": [{"type": "OODMetric"}, {"type": "Accuracy"}]},
        code=0,
    ),
    own_score("where one stands", "OwnHere", "standing"),
    own_score("beside the config", "OwnBeside", "."),
    Trial(
        "a key misspelt in the file",
        "nothing reads 'test_dataloder' of small.py",
        {"test_dataloder": {"batch_size": 2}},
        code=0,
    ),
    Trial(
        "precision of a validation", "val_cfg.fp16 is 'no'", {"val_cfg": {"fp16": "no"}}, tool="train", base="training"
    ),
    Trial("fitted on what is tested", "hold 17 files that are tested, too", base="posthoc", code=0),
]
