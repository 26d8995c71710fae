"""A dashboard of a real run in a process of its own, and Debian's Chromium to open it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest

from core.products.store import ProductStore

if TYPE_CHECKING:  # the tests that run by default do not need playwright
    from playwright.sync_api import Browser, Page

CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WINDOW = {"width": 1500, "height": 1350}
STARTUP_SECONDS = 120.0
PAGE_MILLISECONDS = 90_000


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """A dashboard of the products under a root; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "dashboards", "--root", str(root), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until_alive(process, f"{address}/liveness")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_alive(process: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the dashboard ended with {process.returncode} before it answered")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"the dashboard did not answer within {STARTUP_SECONDS:g} s")


@pytest.fixture(scope="session")
def run_store(public_run: Path) -> ProductStore:
    """The products of a real run of two pairs."""
    return ProductStore(public_run / "products")


@pytest.fixture(scope="session")
def dashboard(public_run: Path) -> Iterator[str]:
    """The address of a dashboard of the real run."""
    with serving(public_run / "products") as address:
        yield address


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve another root for the length of one test."""
    with ExitStack() as servers:
        yield lambda root: servers.enter_context(serving(root))


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium; the browsers that playwright would download are not used."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("these tests need Chromium: apt-get install chromium")
    playwright_api.expect.set_options(timeout=PAGE_MILLISECONDS)
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page that must neither fail nor ask anything of another machine."""
    opened = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
    opened.set_default_timeout(PAGE_MILLISECONDS)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: complaints.append(request.url) if is_elsewhere(request.url) else None)
    yield opened
    opened.close()
    assert complaints == []


def is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "data:", "blob:"))


@pytest.fixture
def screenshot(page: "Page", tmp_path: Path) -> Callable[[str], Path]:
    """Save what the page shows: into the folder that DWARFNU_SCREENSHOTS names, else the test's own."""
    folder = Path(os.environ.get("DWARFNU_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def save(name: str) -> Path:
        page.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"

    return save
