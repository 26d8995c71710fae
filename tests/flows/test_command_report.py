"""`dwarfnu report`: one page of a whole analysis; that it opens offline, tests/browser shows."""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from rich.console import Console

from core.errors import ConfigError, ProductError
from core.export.report_pdf import check_pdf_can_be_made
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from flows.cli_figures import report
from flows.command_report import write_report
from tests.core.stages.analyses import Analysis, made_once, small_config


def can_make_pdfs() -> bool:
    """Whether the library and its system library are there."""
    try:
        check_pdf_can_be_made()
    except ConfigError:
        return False
    return True


@pytest.fixture(scope="module")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


@pytest.fixture(scope="module")
def page(joint: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a report of a small analysis, over an older one."""
    folder = tmp_path_factory.mktemp("made") / "report"
    write_report(joint.config, folder, (), Console(quiet=True))
    (folder / "figures" / "old.png").write_bytes(b"")
    return write_report(joint.config, folder, (), Console(quiet=True))


@pytest.mark.slow
@pytest.mark.skipif(not can_make_pdfs(), reason="uv sync --extra report, and Pango")
def test_the_pdf_holds_figures_numbers_methods_and_provenance(joint: Analysis, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf", reason="uv sync --group exports")
    page = write_report(joint.config, tmp_path / "report", (), Console(quiet=True), as_pdf=True)
    document = pypdf.PdfReader(page.with_name("report.pdf"))
    text = "".join("".join(sheet.extract_text() for sheet in document.pages).split())
    for heading in ("Methods", "Results", "Figures", "Provenance", "Everysetting"):
        assert heading in text
    assert f"{joint.row('sensitivity')['sigma_v_sensitivity']:.2e}" in text
    assert joint.recipes("sensitivity")[0].digest in text
    images = {image.data for sheet in document.pages for image in sheet.images}  # each page may name them all
    assert len(images) == len(list((page.parent / "figures").iterdir()))
    assert document.metadata.title == "public-3y: report"


def test_without_the_library_nothing_is_written_and_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ConfigError, match=r"a PDF needs the extra `report` and Pango: .*or print index\.html"):
        write_report(small_config(tmp_path), tmp_path / "report", (), Console(quiet=True), as_pdf=True)
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_the_page_holds_every_figure_the_numbers_and_links_that_lead_somewhere(joint: Analysis, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    drawn = {path.name for path in (page.parent / "figures").iterdir()}
    assert drawn == {figure.name for figure in figure_recipes(joint.config, joint.store)}
    assert f"{joint.row('sensitivity')['sigma_v_sensitivity']:.2e}" in text
    assert "not a result of the IceCube Collaboration" in text
    assert "certificate: nothing stands; `dwarfnu certify` makes it" in text
    links = re.findall(r'(?:href|src)="([^"#]+)"', text)
    assert len(links) > len(drawn) + 20
    assert not [link for link in links if not (page.parent / unquote(link)).is_file()]


def test_other_peoples_files_are_left_alone_and_nothing_is_refused_with_the_way_out(tmp_path: Path) -> None:
    config = small_config(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("my page")
    with pytest.raises(ConfigError, match="holds something that is no report of ours"):
        write_report(config, tmp_path / "mine", (), Console(quiet=True))
    with pytest.raises(ProductError, match=r"no sensitivity of this configuration is fresh under .*dwarfnu run"):
        write_report(config, tmp_path / "report", (), Console(quiet=True))
    assert not (tmp_path / "report").exists()
    assert ProductStore(tmp_path).stages() == []


def test_the_command_hands_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[object] = []
    monkeypatch.setattr("flows.command_report.write_report", lambda *given: asked.extend(given))
    report(products=str(tmp_path), pair=["tautau/20"], to=tmp_path / "page", pdf=True)
    _, folder, pairs, _, given, as_pdf = asked
    assert (folder, pairs) == (tmp_path / "page", ["tautau/20"])
    assert as_pdf
    assert given.command("report") == f"dwarfnu report --products {tmp_path}"  # type: ignore[attr-defined]
