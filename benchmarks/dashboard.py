"""Time the dashboard in Chromium: `uv run --group browser python -m benchmarks.dashboard PRODUCTS`.

Prints, as medians, seconds on the clock until the server answers, until the frame of a page and its first plot or table
stand, and until another page is drawn; and the CPU time of the server. Other work on the machine adds to the clock:
run it on a quiet one.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from dashboards.pages import PAGES

LONGEST_MILLISECONDS = 120_000
DRAWN = ".bk-Figure, .tabulator, .notice"


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_until_it_answers(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Wait for a server; SystemExit if it ends before."""
    while not _answers(f"{address}/liveness"):
        if process.poll() is not None:
            raise SystemExit("the dashboard ended before it answered")
        time.sleep(0.02)


@contextmanager
def served(products: Path) -> Iterator[tuple[str, float, psutil.Process]]:
    """Serve products; the address, the seconds until it answered, and the process."""
    port = free_port()
    start = time.perf_counter()
    command = [sys.executable, "-m", "dashboards", "--root", str(products), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until_it_answers(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", time.perf_counter() - start, psutil.Process(process.pid)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, ConnectionError):
        return False


def timed_page(browser: Any, address: str) -> tuple[float, float]:
    """Return the seconds until the frame of a fresh page stands, and until something is drawn in it."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("button", name="Overview").wait_for(timeout=LONGEST_MILLISECONDS)
    framed = time.perf_counter() - start
    page.locator(DRAWN).first.wait_for(timeout=LONGEST_MILLISECONDS)
    drawn = time.perf_counter() - start
    page.close()
    return framed, drawn


def timed_change(browser: Any, address: str, name: str) -> float:
    """Return the seconds from a click on a page's button until that page is drawn."""
    page = browser.new_page()
    page.goto(f"{address}/?page=certificate")
    page.locator(DRAWN).first.wait_for(timeout=LONGEST_MILLISECONDS)
    start = time.perf_counter()
    page.get_by_role("button", name=PAGES[name].title, exact=True).click()
    page.get_by_text(PAGES[name].question, exact=True).wait_for(timeout=LONGEST_MILLISECONDS)
    page.wait_for_function("() => !document.querySelector('.pn-loading')", timeout=LONGEST_MILLISECONDS)
    page.locator(DRAWN).first.wait_for(timeout=LONGEST_MILLISECONDS)
    taken = time.perf_counter() - start
    page.close()
    return taken


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard")
    parser.add_argument("products", type=Path, help="root of the products of a run")
    parser.add_argument("--times", type=int, default=5, help="how often each is timed")
    given = parser.parse_args()
    products, n_times = given.products, given.times
    startups = []
    for _ in range(n_times):
        with served(products) as (_, seconds, process):
            startups.append((seconds, sum(process.cpu_times()[:2])))
    print(f"server answers: {_median(startups, 0):.2f} s on the clock, {_median(startups, 1):.2f} s of CPU time")
    with served(products) as (address, _, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in PAGES:
            timed_page(browser, f"{address}/?page={name}")  # imports what the page needs
            before = sum(process.cpu_times()[:2])
            opened = [timed_page(browser, f"{address}/?page={name}") for _ in range(n_times)]
            cpu = (sum(process.cpu_times()[:2]) - before) / n_times
            changed = statistics.median(timed_change(browser, address, name) for _ in range(n_times))
            print(
                f"{name}: frame {_median(opened, 0):.2f} s, drawn {_median(opened, 1):.2f} s, "
                f"reached by a click {changed:.2f} s; {cpu:.2f} s of the server's CPU time a visit"
            )
        browser.close()


def _median(pairs: list[tuple[float, float]], place: int) -> float:
    return statistics.median(pair[place] for pair in pairs)


if __name__ == "__main__":
    main()
