"""The page of a report as a PDF, with the rules for print that the page has."""

from pathlib import Path

from core.errors import ConfigError

NEEDED = (
    "a PDF needs the extra `report` and Pango: `uv sync --extra report`, and of the system `apt install libpango-1.0-0 "
    "libpangoft2-1.0-0` or `brew install pango`; or print index.html from a browser"
)


def check_pdf_can_be_made() -> None:
    """Raise ConfigError, which says what to install, where the library or its system library is not there."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        raise ConfigError(f"{NEEDED} ({error})".splitlines()[0]) from error


def report_pdf(page: Path) -> bytes:
    """Return a page that lies beside its figures as the bytes of a PDF; it reads files alone, nothing of a network.

    Equal pages are equal files but for what their words say. Raises ConfigError as `check_pdf_can_be_made`.
    """
    check_pdf_can_be_made()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    found: bytes = HTML(filename=page, url_fetcher=URLFetcher(allowed_protocols=("file",))).write_pdf()
    return found
