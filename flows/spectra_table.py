"""The flow that makes the table of spectra which the package ships, with the generator that is an extra."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.futures import wait

from core.dark_matter.channels import canonical_channel
from core.spectra.assembly import assemble_table, missing_shards
from core.spectra.production import N_SHARDS, SHARD_EVENTS, Shard, planned_shards
from flows.making import raise_failures
from tasks.spectra_table import make_spectra_shard


@flow(name="spectra table", flow_run_name="spectra table of {n_shards} shards a pair")
def spectra_table(
    shards: Path = Path("spectra-shards"),
    table: Path | None = None,
    n_shards: int = N_SHARDS,
    n_events: int = SHARD_EVENTS,
    channels: list[str] | None = None,
    onto: Path | None = None,
) -> None:
    """Generate what is missing of the planned shards and put all that stand together into the table.

    A shard that stands in the folder is not made again, so the flow may be stopped and run again at any time. When
    shards fail, the others are finished and the table is left as it was.

    Args:
        shards: Folder in which the shards are kept.
        table: Parquet file to write; default: spectra.parquet beside the shards. The one in the package stays as it is.
        n_shards: Shards of each pair, with the seeds 0, 1, ...
        n_events: Events of a shard.
        channels: Only these channels are generated; default: all.
        onto: A table to add to: shards whose events it has are not made, and what it has is kept. Where it lacks
            nothing, no table is written.
    """
    wanted = _wanted_shards(n_shards, channels)
    if onto is not None:
        wanted = missing_shards(wanted, onto)
        if not wanted:
            get_run_logger().info("%s lacks nothing of the plan: there is nothing to add", onto)
            return
    futures = [(shard, make_spectra_shard.submit(shards, shard, n_events)) for shard in wanted]
    wait([future for _, future in futures])
    failures = []
    for shard, future in futures:
        if not future.state.is_completed():
            error = future.result(raise_on_failure=False)
            failures.append(f"{shard.file_name()}: {error}")
    raise_failures(failures)
    written = table or shards / "spectra.parquet"
    assemble_table(shards, written, onto)
    get_run_logger().info("%d shards stand in %s, the table in %s", len(wanted), shards, written)


def _wanted_shards(n_shards: int, channels: list[str] | None) -> list[Shard]:
    planned = planned_shards(n_shards)
    if channels is None:
        return planned
    chosen = {canonical_channel(name) for name in channels}
    return [shard for shard in planned if shard.channel in chosen]
