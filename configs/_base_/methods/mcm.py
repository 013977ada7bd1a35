# MCM, GL-MCM, MaxLogit and Energy: the scores that know the ID labels alone. Nothing is mined.
method_scores = {
    "_delete_": True,
    "MCM": dict(type="MCMScore", bank="photo"),
    "GL-MCM": dict(type="GLMCMScore", bank="photo"),
    "MaxLogit": dict(type="MaxLogitScore", bank="photo"),
    "Energy": dict(type="EnergyScore", bank="photo"),
}
method_hooks = [
    dict(
        type="NegLabelMiningHook",
        banks=dict(photo=dict(type="LabelsOnly", prompts=dict(label="a photo of a {}"))),
    ),
    dict(type="OODReportHook"),
]
