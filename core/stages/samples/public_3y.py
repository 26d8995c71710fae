"""The public three-year sample: 40,902 measured events in 128 bins, and the response that our code derived once."""

import pyarrow as pa

from core.events.public_release import SHIPPED_COUNTS, public_counts
from core.response import SHIPPED_RESPONSE, public_response
from core.response.build import PUBLIC_BINS
from core.response.hyperplanes import SHIPPED_HYPERPLANES
from core.stages.inputs import Inputs
from core.stages.samples.sample import BinnedTable, Sample, configured_bins
from core.stages.stage import Parameters


def make_event_counts(_: Inputs, __: Parameters) -> pa.Table:
    """Take the counts of the release as they are shipped."""
    return public_counts()


def make_response(_: Inputs, __: Parameters) -> pa.Table:
    """Take the response that is shipped."""
    return public_response().to_table()


PUBLIC_3Y = Sample(
    "public-3y",
    configured_bins(PUBLIC_BINS),
    event_counts=BinnedTable(make_event_counts, lambda _: SHIPPED_COUNTS),
    response=BinnedTable(make_response, lambda _: SHIPPED_RESPONSE),
    has_atmospheric_model=True,
    hyperplanes=lambda _: SHIPPED_HYPERPLANES,
)
