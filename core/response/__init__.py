"""The detector's response to neutrinos, shipped and derived."""

from pathlib import Path

import pyarrow.parquet as pq

from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.response.model import Response

__all__ = ["EVENT_CLASSES", "INTERACTIONS", "SHIPPED_RESPONSE", "Response", "public_response"]

SHIPPED_RESPONSE = Path(__file__).parent / "public_3y.parquet"


def public_response() -> Response:
    """Return the response of the public three-year sample that is shipped with this package."""
    return Response.from_table(pq.read_table(SHIPPED_RESPONSE))
