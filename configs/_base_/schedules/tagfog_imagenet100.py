# TagFog's 200 epochs on ImageNet-100: a tenth of the rate at 100, 150 and 180; batches are small, so nothing warms up.
optim_wrapper = dict(optimizer=dict(type="SGD", lr=0.05, momentum=0.9, weight_decay=1e-4))
param_scheduler = [dict(type="MultiStepLR", by_epoch=True, milestones=[100, 150, 180], gamma=0.1)]
train_cfg = dict(by_epoch=True, max_epochs=200, val_interval=10)
auto_scale_lr = dict(base_batch_size=128)
