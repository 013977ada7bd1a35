# Sourced by dist_test.sh and dist_train.sh: sets TORCHRUN, the command that starts $GPUS processes on this machine.
# Alone, they meet at a free port. PORT (29500), NNODES, NODE_RANK and MASTER_ADDR say where those of several machines do.
# What torchrun and MMEngine set of several processes anyway, each with a warning.
[ "$GPUS" = 1 ] || export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" MKL_NUM_THREADS="${MKL_NUM_THREADS:-1}"
TORCHRUN=("${PYTHON:-python}" "$(dirname "${BASH_SOURCE[0]}")/torchrun.py" --nproc_per_node="$GPUS")
if [ -z "${PORT:-}${NNODES:-}${NODE_RANK:-}${MASTER_ADDR:-}" ]; then
    TORCHRUN+=(--standalone --local_addr=127.0.0.1)
else
    PORT=${PORT:-29500} NODE_RANK=${NODE_RANK:-0}
    LISTEN="import socket, sys; socket.create_server(('', int(sys.argv[1])))"
    if [ "$NODE_RANK" = 0 ] && ! "${PYTHON:-python}" -c "$LISTEN" "$PORT" 2>/dev/null; then
        echo "error: PORT=$PORT is taken, or no port: set PORT to a free one; on one machine leave it out" >&2
        exit 1
    fi
    TORCHRUN+=(--nnodes="${NNODES:-1}" --node_rank="$NODE_RANK"
        --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="$PORT")
fi
