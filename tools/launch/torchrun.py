"""``torch.distributed.run`` without its pages on a process that failed: that process has said itself what was wrong.

Nor does it print any where it is stopped itself, as by Ctrl-C or a scheduler.
"""

import logging
import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

if __name__ == "__main__":
    # What they log besides is where a process was killed by another's failure.
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    try:
        main()
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode < 0:
            print(f"error: process {rank} was ended by signal {-failure.exitcode}", file=sys.stderr)
        sys.exit(abs(failure.exitcode))
    except SignalException as error:
        print(f"error: stopped by signal {error.sigval:d}", file=sys.stderr)
        sys.exit(128 + error.sigval)
    except ValueError as error:
        sys.exit(f"error: {error}")
