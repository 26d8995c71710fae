"""The folder of an export: every file that it has, written from what stands of an analysis."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.dark_matter.channels import CHANNEL_LABELS
from core.export.comparison import own_curves, published_curves
from core.export.energy_files import folded_csv, sed_bytes, sed_rows
from core.export.hepdata import HEPDATA_COLUMNS, submission_files
from core.export.histfactory import workspace
from core.export.likelihood_hdf5 import lklcom_bytes
from core.export.likelihood_tables import LikelihoodTable, described_tables, plain_word, table_name, table_text
from core.export.provenance import Provenance
from core.export.readme import readme_text
from core.export.results import ALONE, CONFIDENCE, Results, Row
from core.export.tables import LATEX_COLUMNS, csv_text, latex_text, unit_lines
from core.figures.style import DWARFS_ONLY
from core.pdfs.likelihood_cells import STACKED
from core.published.limits import published_limits

TABLES: Mapping[str, str] = {
    "sensitivity": "sensitivities at 90 % CL by trials, with bands",
    "asimov": "sensitivities and discovery potentials expected without trials",
    "discovery_potential": "strengths that half of trials show at 3 and 5 sigma",
    "counts_limit": "limits from the measured counts, which know no right ascension",
    "observed": "what the observed sky says of each pair",
    "upper_limit": "limits by the observed sky, of every kind",
    "profile_likelihood": "profile-likelihood limits at 90 % CL beside those by trials",
    "profile_likelihood_by_source": "profile-likelihood limits at 90 % CL of each galaxy alone, as if no other shone",
}
# Curves of the published naming: stage, column without its strength, and what the location says.
CURVES = (
    ("sensitivity", "sensitivity", "sensitivity"),
    ("counts_limit", "upper_limit", "limit-from-counts"),
    ("upper_limit", "upper_limit", "limit"),
)
ABOUT = "about.yaml"


def write_release(folder: Path, results: Results, origin: Provenance) -> None:
    """Write all files of an export into an empty folder; PhysicsError where a likelihood has no limit."""
    _write_tables(folder / "tables", results, origin)
    _write_curves(folder / "curves", results, origin)
    _write_likelihoods(folder / "likelihoods" / f"right_ascension_{results.sky}", results.likelihood_tables, origin)
    _write_likelihoods(folder / "likelihoods" / "counts_measured", results.count_tables, origin)
    _write_by_energy(folder / "likelihoods" / "by_energy_expected", results, origin)
    _write_workspaces(folder / "workspaces", results, origin)
    described = {kind: TABLES[kind] for kind in HEPDATA_COLUMNS}
    for name, text in submission_files(_of_one_kind(results), described, results.process, origin).items():
        _write(folder / "hepdata" / name, text)
    about = origin.of("the products behind every number, with the digests of their recipes, code and data")
    _write(folder / "products.csv", about.comment("# ") + csv_text(results.products))
    _write(folder / "README.md", readme_text(results, origin, sorted(_files(folder))))


def _write_tables(folder: Path, results: Results, origin: Provenance) -> None:
    strength = results.process.strength
    rows = dict(results.rows)
    rows |= {"profile_likelihood": results.limit_rows(), "profile_likelihood_by_source": results.source_limit_rows()}
    for kind, about in TABLES.items():
        own = rows.get(kind)
        if not own:
            continue
        said = origin.of(about)
        units = "".join(f"# {line}\n" for line in unit_lines(own))
        _write(folder / f"{kind}.csv", said.comment("# ") + units + csv_text(own))
        if kind in LATEX_COLUMNS:
            _write(folder / f"{kind}.tex", said.comment("% ") + latex_text(own, LATEX_COLUMNS[kind], strength))


def _write_curves(folder: Path, results: Results, origin: Provenance) -> None:
    """Write curves of the published naming, which knows cross sections alone: none of decay."""
    if results.process.is_decay:
        return
    target = "dSph" if results.hypothesis == DWARFS_ONLY else results.hypothesis
    by_kind = _of_one_kind(results)
    for stage, column, location in CURVES:
        about = origin.of(f"{TABLES[stage]}: mass [GeV], sigma_v [cm3 s-1], {results.hypothesis}")
        detector, name = f"dwarfnu-{origin.analysis}", f"{results.process.strength}_{column}"
        files = own_curves(
            by_kind.get(stage, ()), name, detector, results.year, f"{target}-{location}", CONFIDENCE, about
        )
        for file, text in files.items():
            _write(folder / file, text)
    for file, text in published_curves(published_limits(), results.channels).items():
        _write(folder / "published" / file, text)


def _write_likelihoods(folder: Path, tables: Sequence[LikelihoodTable], origin: Provenance) -> None:
    """Write tables in the text form of gLike and LklCom, all of them in LklCom's HDF5, and what is to be said."""
    if not tables:
        return
    collaboration = plain_word(f"dwarfnu{origin.analysis}")
    said = origin.of("-2 ln of the likelihood over the greatest, by strength and mass; beyond tested_up_to a parabola")
    for table in tables:
        _write(folder / table_name(table, collaboration), table_text(table))
    (folder / "lklcom.hdf5").write_bytes(lklcom_bytes(tables, collaboration, said.as_dict()))
    _write_about(folder, said, described_tables(tables, collaboration))


def _write_by_energy(folder: Path, results: Results, origin: Provenance) -> None:
    cells = results.energy_cells
    if cells is None:
        return
    folded = origin.of(
        "expected events without signal, and their change per flux [cm2 s] of each flavour (neutrinos and "
        "antineutrinos) in bins of true energy [GeV], from all galaxies in proportion to their factors"
    )
    _write(folder / "response_folded.csv", folded_csv(cells, folded))
    said = origin.of("likelihood SED of all galaxies, all flavours in equal parts, E^-2 in each bin, no signal seen")
    (folder / "likelihood_sed.fits").write_bytes(sed_bytes(sed_rows(cells), said))


def _write_workspaces(folder: Path, results: Results, origin: Provenance) -> None:
    said = origin.of(f"HistFactory workspaces for pyhf, of all galaxies together, events {results.sky}")
    remark = f"events {results.sky}; recipe digest {origin.digest}; licence {origin.licence}; see {ABOUT}"
    files: list[Row] = []
    for (channel, mass), likelihoods in results.likelihoods.items():
        (stacked,) = (cells for cells in likelihoods if cells.source == STACKED)
        name = f"{channel}_{mass:g}.json"
        made = workspace(stacked, f"{channel} {mass:g} GeV", results.process, remark)
        _write(folder / name, json.dumps(made, indent=1) + "\n")
        label = str(CHANNEL_LABELS.get(channel, channel))
        files.append({"file": name, "channel": channel, "label": label, "mass": mass})
    if files:
        _write_about(folder, said, files)


def _write_about(folder: Path, said: Provenance, files: Sequence[Row]) -> None:
    import yaml

    content = {**said.as_dict(), "files": list(files)}
    _write(folder / ABOUT, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def _of_one_kind(results: Results) -> dict[str, list[Row]]:
    """Return rows by stage: limits of one confidence level, and of counts those by trials of galaxies alone."""
    kept = {kind: list(results.rows.get(kind, ())) for kind in HEPDATA_COLUMNS}
    kept["upper_limit"] = [row for row in kept["upper_limit"] if row["confidence_level"] == CONFIDENCE]
    kept["counts_limit"] = [
        row for row in kept["counts_limit"] if (row["method"], row["profile"]) == ("atmospheric_trials", ALONE)
    ]
    return {kind: rows for kind, rows in kept.items() if rows}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
