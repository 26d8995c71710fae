"""Workers of Dask: on this machine, at the address of a scheduler, or as jobs of SLURM or HTCondor.

Only processes that hold the keys of a run may speak to its scheduler and workers, for what Dask sends is code: a pickle
of the function's name and of the recipe. A scheduler at an address brings its own protection, or has none.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dask_jobqueue import HTCondorCluster, SLURMCluster
from distributed import Client, Future, LocalCluster, Security, Worker, WorkerPlugin
from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from core.errors import ConfigError
from core.products.recipe import Recipe
from deployments.jobs import batch_options
from deployments.profile import Profile
from tasks.elsewhere import EngineError, Place, make_there
from tasks.parent import end_with_parent

PATIENCE = 15  # s for a scheduler to answer
LOOK = 5  # s between two looks at whether it is still there: a future that was never sent waits for ever
NO_DASHBOARD = "127.0.0.1:0"  # at a port that nobody knows: without an address it would be 8787 for all of the network
RUNNING, FINISHED = "running", "finished"
CLUSTERS = {"slurm": SLURMCluster, "htcondor": HTCondorCluster}
KEYS = ("tls_ca_file", *(f"tls_{who}_{what}" for who in ("client", "scheduler", "worker") for what in ("cert", "key")))
GONE = (FutureCancelledError, CommClosedError, RuntimeError, TimeoutError)


class DaskEngine:
    """Workers of a Dask scheduler, to which a client is connected."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def make(self, place: Place, recipe: Recipe) -> None:
        """Make a product; EngineError if the scheduler is gone or workers die of it again and again."""
        try:
            error = self._error_of(self.client.submit(make_there, place, recipe, pure=False))
        except GONE as gone:
            raise EngineError(f"{recipe}: Dask's scheduler is gone; what stands is not made again") from gone
        if isinstance(error, KilledWorker):
            raise EngineError(f"{recipe}: the workers that made it died; was there memory enough?") from error
        if error is not None:
            raise error

    def _error_of(self, future: Future) -> BaseException | None:
        """Return how a future ended; one of those that say that the scheduler is gone if nobody will ever tell."""
        while self.client.status == RUNNING:
            try:
                error: BaseException | None = future.exception(timeout=LOOK)
            except TimeoutError:
                continue
            if error is not None or future.status == FINISHED:
                return error
            break  # cancelled: the connection was lost
        raise CommClosedError(f"{future.status}; the client is {self.client.status}")


class EndWithParent(WorkerPlugin):  # type: ignore[misc]
    """Lets workers of this machine end when the run does, however it ends."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002
        """Begin to look at the parent."""
        end_with_parent()


@contextmanager
def dask_engine(profile: Profile, n_workers: int) -> Iterator[DaskEngine]:
    """Give the workers of a profile while the context lasts. Raises ConfigError if they cannot be had."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what fails, the products say
    with ExitStack() as until_the_end:
        try:
            client = _client(profile, n_workers, until_the_end)
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigError(f"{_where(profile)}: {' '.join(str(error).split())}") from error
        yield DaskEngine(client)


def _where(profile: Profile) -> str:
    if profile.address is not None:
        return f"no Dask scheduler answers at {profile.address}"
    return f'Dask cannot start its workers (engine = "{profile.engine}")'


def _client(profile: Profile, n_workers: int, until_the_end: ExitStack) -> Client:
    if profile.address is not None:
        return until_the_end.enter_context(Client(profile.address, timeout=PATIENCE))
    if profile.engine == "dask":
        cluster = LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=Security.temporary(),
            dashboard_address=NO_DASHBOARD,
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
    else:
        cluster = _jobs(profile, n_workers, until_the_end)
    until_the_end.callback(_close, cluster)
    client = until_the_end.enter_context(Client(cluster, timeout=PATIENCE))
    if profile.engine == "dask":
        client.register_plugin(EndWithParent())
    return client


def _jobs(profile: Profile, n_workers: int, until_the_end: ExitStack) -> Any:
    """Return workers as jobs, which come and go with the work."""
    folder = Path(profile.log_folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    keys = Path(until_the_end.enter_context(TemporaryDirectory(dir=folder)))  # its owner's alone
    cluster = CLUSTERS[profile.scheduler](
        **batch_options(profile),
        protocol="tls://",
        security=_keys_in(keys),
        scheduler_options={"dashboard_address": NO_DASHBOARD},
        silence_logs=logging.CRITICAL,
    )
    cluster.adapt(minimum=profile.least_workers, maximum=max(n_workers, profile.least_workers))
    return cluster


def _keys_in(folder: Path) -> Security:
    """Return keys for one run, as files that its jobs can read."""
    made, files = Security.temporary(), {}
    for name in KEYS:
        path = folder / name
        path.write_text(getattr(made, name), encoding="ascii")
        files[name] = str(path)
    return Security(require_encryption=True, **files)


def _close(cluster: Any) -> None:
    with suppress(*GONE, OSError):  # jobs that have ended already
        cluster.close()
