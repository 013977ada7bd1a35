# NegLabel on CLIP ViT-B/16 beside MCM, MaxLogit and Energy, all from the same pass over the images.
authors_words = dict(corpus="neglabel")  # the words that NegLabel's authors released (txtfiles/README.md)
model = dict(
    type="NegLabelClassifier",
    backbone=dict(type="OpenCLIPBackbone", model_name="ViT-B-16", pretrained="openai"),
    class_names="imagenet",
    # NegLabel's authors resize bilinearly; CLIP's own way is bicubic.
    preprocessing_override=dict(interpolation="bilinear"),
    scores=dict(NegLabel=dict(bank=authors_words), MCM=dict(), MaxLogit=dict(), Energy=dict()),
)
custom_hooks = [dict(type="NegLabelMiningHook"), dict(type="OODReportHook")]
