"""Open and close sessions of the dashboard: `uv run python -m benchmarks.dashboard_sessions PRODUCTS --sessions 1000`.

Each session does what a browser does: it asks for a page, opens the connection that the page names, says that it is
ready, waits until a plot or table of the page has come, and leaves. Prints what the server's memory was before, while
they came and went, and once the last of them are forgotten; its CPU time a session; and what it wrote to its console.
With `--minutes 10` ten sessions stay open at once for so long instead, each on a page of its own.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from benchmarks.dashboard import free_port, wait_until_it_answers
from dashboards.pages import PAGES

MEGABYTE = 1e6
AT_ONCE = 10
LONGEST_SECONDS = 300.0
# Sessions that nobody is connected to live for a minute, and are looked for every 17 s (dashboards/server.py).
FORGOTTEN_AFTER_SECONDS = 80.0
LOOK_EVERY_SECONDS = 5.0
READY = {
    "kind": "MessageSent",
    "msg_type": "bokeh_event",
    "msg_data": {"type": "event", "name": "document_ready", "values": {"type": "map"}},
}
# What a page that is drawn has in the messages that bring it.
DRAWN = re.compile(r'"name":"(Figure|panel\.models\.tabulator\.DataTabulator)"|"notice"')


@dataclass(frozen=True)
class Measured:
    """The server's memory (bytes) before, at most, and after; its CPU time a session (s); what its console has."""

    before: int
    most: int
    after: int
    cpu_seconds: float
    console: str

    @property
    def growth(self) -> float:
        """What is left of the sessions, in 1e6 bytes."""
        return (self.after - self.before) / MEGABYTE


@contextmanager
def served(products: Path, console: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve products, the console into a file; the address and the process."""
    port = free_port()
    command = [sys.executable, "-m", "dashboards", "--root", str(products), "--port", str(port)]
    with console.open("w") as written, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=written) as process:
        try:
            wait_until_it_answers(process, f"http://127.0.0.1:{port}")
            yield f"127.0.0.1:{port}", psutil.Process(process.pid)
        finally:
            process.terminate()


async def visit(address: str, query: str) -> None:
    """Open a page, wait until it is drawn, and leave."""
    (await opened(address, query)).close()


async def opened(address: str, query: str) -> WebSocketClientConnection:
    """Open a page and wait until it is drawn; the connection that keeps its session."""
    found = await AsyncHTTPClient().fetch(f"http://{address}/?{query}", request_timeout=LONGEST_SECONDS)
    token = re.search(rb'"token":"([^"]+)"', found.body)
    if token is None:
        raise SystemExit(f"{address}/?{query} is no page of the dashboard")
    request = HTTPRequest(
        f"ws://{address}/ws?{query}",
        headers={"Origin": f"http://{address}"},
        connect_timeout=LONGEST_SECONDS,
        request_timeout=LONGEST_SECONDS,
    )
    connection = await websocket_connect(
        request, subprotocols=["bokeh", token[1].decode()], max_message_size=200_000_000
    )
    await connection.read_message()  # the server's greeting: header, metadata and content, as of every message
    for part in ({"msgid": "1", "msgtype": "PATCH-DOC"}, {}, {"events": [READY]}):
        await connection.write_message(json.dumps(part))
    async with asyncio.timeout(LONGEST_SECONDS):
        while not DRAWN.search(str(message := await connection.read_message())):
            if message is None:
                raise SystemExit(f"the dashboard left before {query} was drawn")
    return connection


async def visits(address: str, queries: Sequence[str], server: psutil.Process, at_once: int = AT_ONCE) -> int:
    """Visit pages, some at once; return the most memory (bytes) that the server had between them."""
    waiting, most = iter(queries), 0

    async def one_visitor() -> None:
        nonlocal most
        for query in waiting:
            await visit(address, query)
            most = max(most, int(server.memory_info().rss))

    await asyncio.gather(*(one_visitor() for _ in range(at_once)))
    return most


async def stays(address: str, queries: Sequence[str], server: psutil.Process, seconds: float) -> int:
    """Keep pages open at once for a time (s), all read from; return the most memory (bytes) of the server meanwhile.

    SystemExit if the server ends a session before.
    """
    connections = await asyncio.gather(*(opened(address, query) for query in queries))
    readers = [asyncio.create_task(_read_to_its_end(connection)) for connection in connections]
    until, most = time.monotonic() + seconds, int(server.memory_info().rss)
    while (left := until - time.monotonic()) > 0.0:
        ended, _ = await asyncio.wait(readers, timeout=min(left, LOOK_EVERY_SECONDS), return_when="FIRST_COMPLETED")
        if ended:
            raise SystemExit(f"the dashboard ended {len(ended)} of {len(queries)} sessions")
        most = max(most, int(server.memory_info().rss))
    for connection in connections:
        connection.close()
    await asyncio.gather(*readers)
    return most


async def _read_to_its_end(connection: WebSocketClientConnection) -> None:
    """Take what the server sends, as a browser does, until the connection is closed."""
    while await connection.read_message() is not None:
        pass


def measured(
    products: Path,
    n_sessions: int,
    forgotten_after: float = FORGOTTEN_AFTER_SECONDS,
    at_once: int = AT_ONCE,
    stay_seconds: float = 0.0,
) -> Measured:
    """Return what sessions on every page in turn do to a server that has shown each page to as many at once before.

    They come and go, `at_once` at a time, or all stay open together for `stay_seconds`.
    """
    pages = [f"page={name}" for name in PAGES]
    with tempfile.TemporaryDirectory() as folder, served(products, console := Path(folder) / "console") as (at, server):
        asyncio.run(visits(at, [page for page in pages for _ in range(at_once)], server, at_once))
        time.sleep(forgotten_after)
        before, start = int(server.memory_info().rss), _cpu_seconds(server)
        queries = list(islice(cycle(pages), n_sessions))
        most = asyncio.run(
            stays(at, queries, server, stay_seconds) if stay_seconds else visits(at, queries, server, at_once)
        )
        cpu_seconds = (_cpu_seconds(server) - start) / n_sessions
        time.sleep(forgotten_after)
        after = int(server.memory_info().rss)
        return Measured(before, most, after, cpu_seconds, console.read_text(encoding="utf-8"))


def _cpu_seconds(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard_sessions")
    parser.add_argument("products", type=Path, help="root of the products of a run")
    parser.add_argument("--sessions", type=int, default=1000, help="how many are opened and closed")
    parser.add_argument("--minutes", type=float, help=f"keep {AT_ONCE} open at once for so long instead")
    given = parser.parse_args()
    if given.minutes:
        said = f"{AT_ONCE} sessions open at once for {given.minutes:g} minutes"
        found = measured(given.products, AT_ONCE, stay_seconds=given.minutes * 60.0)
    else:
        said = f"{given.sessions} sessions, {AT_ONCE} at once"
        found = measured(given.products, given.sessions)
    print(
        f"{said}: memory {found.before / MEGABYTE:.0f} MB before, "
        f"{found.most / MEGABYTE:.0f} MB at most, {found.after / MEGABYTE:.0f} MB after ({found.growth:+.0f} MB); "
        f"{found.cpu_seconds:.2f} s of the server's CPU time each"
    )
    print(f"console: {found.console or 'nothing'}")


if __name__ == "__main__":
    main()
