"""Streams of random numbers that belong to a trial and not to the order in which trials are made.

The numbers of a trial are the output of Philox4x32-10 (Salmon et al., SC11, doi:10.1145/2063384.2063405), a function
of a key (the stream seed) and of a counter that holds the trial's index, the number of injected events, the part of
the trial that asks (a source's background, its signal, ...) and the running block. Nothing is carried from trial to
trial, so that any shard, thread count or machine makes the same ones.
"""

import hashlib
import struct

from core.dark_matter.channels import key_channel
from core.errors import PhysicsError

N_SEEDS = 2**64
N_TRIAL_INDICES = 2**40
N_FIXED_LABELS = 2**23

SIGNAL_PART = 1 << 16
SOURCE_CHOICE_PART = 1 << 17
INJECTED_NUMBER_PART = SOURCE_CHOICE_PART + 1
TILT_PART = 1 << 18


def stream_seed(run_seed: int, stage: str, channel: str, mass: float) -> int:
    """Return the 64-bit engine seed of a (run seed, stage, channel, mass): streams of different pairs are independent.

    The first 8 bytes of BLAKE2b of these four; `mass` in GeV. A published alias is the channel's own name.
    """
    identity = f"{int(run_seed)}\n{stage}\n{key_channel(channel)}\n{float(mass)!r}"
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "little")


def injection_label(n_injected: float, poisson: bool) -> int:
    """Return the 24-bit label that keeps the streams of different injections apart: n itself, or a digest of a mean."""
    if poisson:
        digest = hashlib.blake2b(struct.pack("<d", n_injected), digest_size=8).digest()
        return N_FIXED_LABELS + int.from_bytes(digest, "little") % N_FIXED_LABELS
    return int(n_injected)


def check_stream(seed: int, first_trial: int, n_trials: int) -> None:
    """Raise PhysicsError if a seed or a range of trial indices does not fit into key and counter."""
    if not 0 <= seed < N_SEEDS:
        raise PhysicsError(f"seed {seed} is outside 0 ... 2^64 - 1: give another, or derive one with stream_seed")
    if n_trials < 0 or first_trial < 0 or first_trial + n_trials > N_TRIAL_INDICES:
        raise PhysicsError(
            f"trials {first_trial} ... {first_trial + n_trials} are outside 0 ... 2^40: give another range"
        )
