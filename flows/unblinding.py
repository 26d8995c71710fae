"""The unblinding as a flow: the only one that opens true right ascensions."""

from prefect import flow

from core.configuration.config import Config
from core.products.unblinding import record_end
from core.stages.figures import observed_figure_recipes
from core.stages.registry import STAGES, stages_of
from core.stages.unblinding import open_sky, unblinding_plan
from flows.making import draw_all, make_products
from flows.served import served_run
from tasks.products import product_store, product_task


@flow(name="unblind", flow_run_name="unblinding of {config.analysis}")
def unblind(config: Config = Config(), i_mean: str = "", again: bool = False, who: str = "") -> None:
    """Open the observed sky of an analysis, fit every pair to it, limit its cross section and draw what was found.

    Args:
        config: The analysis; what it needs must stand and be fresh.
        i_mean: The digest of what is meant to be opened, as `dwarfnu unblind` shows it.
        again: Open what has been opened before once more.
        who: Who unblinds; the name of the user of the process where it is left empty.
    """
    store = product_store(config)
    with served_run(config):
        opening = open_sky(store, unblinding_plan(config, store), i_mean, again, who, "flow unblind")
        for name in stages_of(config, "unblind"):
            make_products(product_task(STAGES[name], opening), config, STAGES[name])
        record_end(store, opening)
        draw_all(config, kinds=observed_figure_recipes)
