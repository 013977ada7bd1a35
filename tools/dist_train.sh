#!/usr/bin/env bash
# Train on several GPUs (or CPU processes) of this machine, or of NNODES machines:
#   bash tools/dist_train.sh CONFIG GPUS [options of tools/train.py]
# The batch size of a config is one process's: --auto-scale-lr fits the learning rate to all of them.
set -euo pipefail
if [ $# -lt 2 ]; then
    echo "usage: bash tools/dist_train.sh CONFIG GPUS [options of tools/train.py]" >&2
    exit 2
fi
CONFIG=$1 GPUS=$2
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    --nproc_per_node="$GPUS" \
    "$(dirname "$0")/train.py" "$CONFIG" --launcher pytorch "${@:3}"
