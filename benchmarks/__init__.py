"""Measurements whose records stand in docs/; on one thread each unless they say otherwise."""

import os

# As in `dwarfnu` itself: threads inside one small matrix product wait for each other and count as CPU time.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
