"""Every module has a test in its mirror, or is named here with the test that covers it from elsewhere."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments", "docs_reference")
# Names that many modules have: they tell nothing of which one a test is about.
COMMON = {"make", "recipes", "figures", "draw", "STAGE", "main"} | {
    f"make_{what}" for what in ("asimov", "cells", "discovery_potential", "histogram", "sensitivity", "trials")
}
COVERED_ELSEWHERE = {
    "core/dark_matter/final_states/bosons.py": "core/dark_matter/final_states/test_final_state.py",
    "core/dark_matter/final_states/leptons.py": "core/dark_matter/final_states/test_final_state.py",
    "core/dark_matter/final_states/neutrinos.py": "core/dark_matter/final_states/test_final_state.py",
    "core/dark_matter/final_states/quarks.py": "core/dark_matter/final_states/test_final_state.py",
    "core/events/classes.py": "core/response/test_from_events.py",
    "core/events/synthetic.py": "core/events/test_conversion.py",
    "core/glossary/column.py": "core/glossary/test_columns.py",
    "core/glossary/observed.py": "core/glossary/test_columns.py",
    "core/export/report_pdf.py": "flows/test_command_report.py",
    "core/inference/profiled_j_limit.py": "core/stages/test_unblinding.py",
    "core/products/seal.py": "architecture/test_seal.py",
    "core/published/cross_sections.py": "core/published/test_pickled.py",
    "core/published/limit_files.py": "core/published/test_text.py",
    "core/published/source_list.py": "core/published/test_text.py",
    "core/published/spectra.py": "core/published/test_pickled.py",
    "core/response/shipping.py": "core/response/test_model.py",
    "core/signal/expected_signal.py": "core/response/test_from_events.py",
    "core/spectra/configured.py": "core/spectra/test_mixtures.py",
    "core/spectra/generator_settings.py": "core/spectra/test_generator.py",
    "core/stages/common_sky_trials.py": "core/stages/test_unblinding.py",
    "core/stages/event_checks.py": "core/events/test_ranges.py",
    "core/stages/observed.py": "core/stages/test_unblinding.py",
    "core/stages/observed_likelihood.py": "core/stages/test_unblinding.py",
    "core/stages/observed_sources.py": "core/stages/test_unblinding.py",
    "core/stages/simulation_sets.py": "core/events/test_simulation_sets.py",
    "core/stages/statistics/joint_marginalised.py": "core/stages/test_doubts.py",
    "core/stages/statistics/joint_with_halo.py": "core/stages/test_halo.py",
    "core/stages/statistics/one_sky.py": "core/stages/test_unblinding.py",
    "core/stages/unweighted_events.py": "flows/test_command_ingest.py",
    "core/stages/upper_limit.py": "core/stages/test_unblinding.py",
    "dashboards/event_samples.py": "dashboards/pages/test_events.py",
    "dashboards/pages/certificate.py": "dashboards/pages/test_pages.py",
    "dashboards/pages/energy_ranges.py": "dashboards/pages/test_pages.py",
    "dashboards/pages/spectra.py": "dashboards/pages/test_pages.py",
    "dashboards/sky_plots.py": "dashboards/pages/test_pages.py",
    "dashboards/what_holds.py": "dashboards/pages/test_pages.py",
    "deployments/deploy.py": "deployments/test_operation.py",
    "deployments/jobs.py": "deployments/test_cluster.py",
    "deployments/settings.py": "deployments/test_local.py",
    "docs_reference/columns.py": "docs_reference/test_pages.py",
    "docs_reference/commands.py": "docs_reference/test_pages.py",
    "docs_reference/functions.py": "docs_reference/test_pages.py",
    "docs_reference/settings.py": "docs_reference/test_pages.py",
    "docs_reference/stages.py": "docs_reference/test_pages.py",
    "flows/cli_export.py": "flows/test_command_export.py",
    "flows/cli_figures.py": "flows/test_command_figures.py",
    "flows/cli_observed.py": "flows/test_command_unblind.py",
    "flows/command_certify.py": "flows/test_command_unblind.py",
    "flows/making.py": "flows/test_stages.py",
    "flows/prefect_server.py": "deployments/test_operation.py",
    "flows/unblinding.py": "flows/test_command_unblind.py",
    "tasks/drawing.py": "tasks/test_figures.py",
}
# Modules that only whole runs reach so far: each is owed a test of its own.
OWED_A_TEST: set[str] = set()
# Tests of what several modules do together, or of one property at length, in the room that it is most about.
ACROSS = {
    "core/events/i3/test_hostile.py",
    "core/events/i3/test_old_frames.py",
    "core/events/i3/test_real_files.py",
    "core/figures/test_images.py",
    "core/inference/test_asymptotic.py",
    "core/inference/test_response_in_the_fit.py",
    "core/pdfs/test_coverage.py",
    "core/pdfs/test_halo_recovery.py",
    "core/pdfs/test_public_model.py",
    "core/pdfs/test_recovery.py",
    "core/pdfs/test_resolution.py",
    "core/published/test_pickled.py",
    "core/response/test_public_response.py",
    "core/response/test_sums_over_events.py",
    "core/spectra/test_between_masses.py",
    "core/spectra/test_left_out_masses.py",
    "core/spectra/test_pppc_smoothing.py",
    "core/stages/test_doubts.py",
    "core/stages/test_processes.py",
    "core/stages/test_ten_reasons.py",
    "core/trials/test_run_beside_halo.py",
    "dashboards/pages/test_every_statistic.py",
    "dashboards/pages/test_pages.py",
    "deployments/test_container.py",
    "deployments/test_operation.py",
    "deployments/test_server.py",
    "docs_reference/test_adding.py",
    "docs_reference/test_documents.py",
    "docs_reference/test_first_analysis.py",
    "docs_reference/test_shown_commands.py",
    "flows/test_halo.py",
    "flows/test_j_uncertainty.py",
    "flows/test_object_store.py",
    "flows/test_one_sky_of_the_published_statistic.py",
    "flows/test_only_what_is_missing.py",
    "flows/test_output.py",
    "flows/test_own_analysis.py",
    "flows/test_point_source_analysis.py",
    "flows/test_processes.py",
    "flows/test_published_statistic.py",
    "flows/test_trial_shards.py",
}


def modules() -> list[Path]:
    """All modules that hold more than words, without what passes names on."""
    return sorted(
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    )


def mirror(module: Path) -> Path:
    return TESTS / module.parent / f"test_{module.stem.strip('_')}.py"


def dotted(module: Path) -> str:
    return ".".join(module.with_suffix("").parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def public_names(module: Path) -> frozenset[str]:
    """What a module defines for others."""
    names: set[str] = set()
    for node in tree(ROOT / module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return frozenset(name for name in names - COMMON if not name.startswith("_"))


@cache
def imported(test: Path) -> frozenset[str]:
    """The modules that a test imports."""
    found: set[str] = set()
    for node in ast.walk(tree(test)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


def stage_of(module: Path) -> set[str]:
    """The name of the stage that a module holds, by which its tables are asked for."""
    return {module.stem} if "STAGE = Stage(" in (ROOT / module).read_text(encoding="utf-8") else set()


@cache
def texts(test: Path) -> frozenset[str]:
    """The texts in a test, such as names of stages."""
    nodes = ast.walk(tree(test))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def covers(test: Path, module: Path) -> bool:
    """Whether a test imports a module, or what its room passes on of it, or names it or what it defines in a text."""
    path = dotted(module)
    rooms = [path.rsplit(".", depth)[0] for depth in range(1, path.count(".") + 1)]
    names = {path, *(f"{room}.{name}" for room in rooms for name in public_names(module))}
    return bool(names & imported(test)) or bool({path, *stage_of(module)} & texts(test))


def test_every_module_is_mirrored_or_covered_from_elsewhere() -> None:
    without = {path.as_posix() for path in modules() if not mirror(path).is_file()}
    assert without - COVERED_ELSEWHERE.keys() == OWED_A_TEST


@pytest.mark.parametrize("module", COVERED_ELSEWHERE)
def test_the_table_names_tests_that_know_their_module(module: str) -> None:
    path, test = Path(module), TESTS / COVERED_ELSEWHERE[module]
    assert (ROOT / path).is_file()
    assert not mirror(path).is_file(), "it is mirrored: take it from the table"
    assert test.is_file()
    assert covers(test, path)


def test_every_test_mirrors_a_module_or_is_said_to_be_about_several() -> None:
    mirrors = {mirror(path) for path in modules()}
    rooms = [path for package in PACKAGES for path in (TESTS / package).rglob("test_*.py")]
    assert {path.relative_to(TESTS).as_posix() for path in rooms if path not in mirrors} == ACROSS


def test_a_test_that_knows_nothing_of_a_module_does_not_cover_it() -> None:
    assert covers(TESTS / "core" / "test_coordinates.py", Path("core/coordinates.py"))
    assert not covers(TESTS / "core" / "test_coordinates.py", Path("core/legacy/nested.py"))
