# bash tools/dist_test.sh configs/neglabel/neglabel_list_clip-vit-b16_in1k.py none 8 prints NegLabel with the 10,499
# negatives that its authors published for ImageNet-1k, in their order, in place of mining.
_base_ = "./neglabel_clip-vit-b16_in1k.py"

published = "data/neglabel/selected_neg_labels/selected_neg_labels_in1k_10k.txt"
model = dict(scores=dict(NegLabel=dict(bank=dict(_delete_=True, type="ReadyList", path=published))))
