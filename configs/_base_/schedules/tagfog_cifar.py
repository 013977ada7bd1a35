# TagFog's 200 epochs on CIFAR-10: ten to warm up from 0.01, step by step, and a tenth of the rate at 150 and at 180.
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.05, momentum=0.9, weight_decay=1e-4))
warm_up = dict(type="LinearLR", start_factor=0.2, by_epoch=True, begin=0, end=10, convert_to_iter_based=True)
param_scheduler = [warm_up, dict(type="MultiStepLR", by_epoch=True, milestones=[150, 180], gamma=0.1)]
train_cfg = dict(by_epoch=True, max_epochs=200, val_interval=10)
auto_scale_lr = dict(base_batch_size=512)
