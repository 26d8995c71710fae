"""The README of an export: what is in the folder, in plain words, and what its numbers do not say."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from core.export.provenance import Provenance
from core.export.results import Results, Row
from core.pdfs.likelihood_cells import EXPECTED

UNITS = {"sigma_v": "cm³ s⁻¹", "decay_rate": "s⁻¹"}
QUANTITIES = {"sigma_v": "⟨σv⟩", "decay_rate": "1/τ"}
FOLDERS = {
    "tables": "Tables as CSV (comment lines begin with #) and LaTeX: sensitivities, limits, discovery potentials.",
    "curves": "Curves of mass and ⟨σv⟩ by the published naming; in `published` those of others, each with its paper.",
    "likelihoods": "-2ΔlnL against {quantity} and mass, in the text form of gLike and LklCom, and in LklCom's HDF5.",
    "workspaces": "A HistFactory workspace a pair of channel and mass, for pyhf.",
    "hepdata": "A HEPData submission: `submission.yaml` and a file a table. Pack its files into one archive to upload.",
}
SKIES = {
    EXPECTED: (
        '**expected, not observed**: the events are those that the background alone gives (an "Asimov" sky). They say '
        "what the search could exclude, not what it did."
    ),
    "measured": "of the measured events, after their unblinding.",
    "simulated": "of a simulated sample, unblinded: no measurement.",
}

COUNTS_WORDS = (
    "`counts_measured`: **observed**, from the measured counts in bins of energy, zenith angle and class; the "
    "background is an atmospheric model whose fifteen parameters are profiled. These counts know no right ascension. "
    "In `tables/profile_likelihood.csv`, fall_below_zero is how much lower -2lnL is at the best fit of any sign: the "
    "limit without that bound is where -2ΔlnL + fall_below_zero = 1.642.\n"
)
ENERGY_WORDS = (
    "`by_energy_expected`: for spectra that are not here. In `response_folded.csv` a row is a cell of the sky with its "
    "expected events N; a column is the change of these per flux F [cm⁻² s⁻¹] at Earth of one flavour (ν + ν̄, all "
    "galaxies) in a bin of true energy. A spectrum is its fluxes F_t; with c = Σ F_t column_t / N of each cell and a "
    "strength s, -2ΔlnL(s) = -2 Σ events ln(1 + s c). A line is shared between the two bins whose centres in ln E "
    "enclose it. `likelihood_sed.fits` has ΔlnL over no signal, by norm, for each bin alone; reconstructed energies "
    "are broad, so that sums over bins count events twice: take the folded response for more than one bin.\n"
)
DISTANCE_WORDS = (
    "Asymptotic laws do not always hold: limits to quote are those by trials. How far the two are apart, at 90 % CL "
    "(right ascension: against the sensitivity or limit by trials; counts: against the limit by trials):\n"
)


def readme_text(results: Results, origin: Provenance, files: Sequence[str]) -> str:
    """Return the README of a folder with some files, named by their paths in it."""
    quantity = QUANTITIES[results.process.strength]
    present = dict.fromkeys(PurePosixPath(file).parts[0] for file in files)
    parts = [
        f"# {origin.analysis}: results and likelihoods\n",
        "\n".join(f"- {line}" for line in origin.lines()) + "\n",
        f"Signal: {results.hypothesis}, {results.process.name}. Nothing here needs the program that made it.\n",
        "## What is here\n",
        _table(("folder", "what"), [(f"`{n}`", FOLDERS[n].format(quantity=quantity)) for n in present if n in FOLDERS]),
        "`products.csv` lists the products behind the numbers, with the digests of their recipes, code and data.\n",
        *_likelihood_words(results, quantity),
        *_left_out(results),
    ]
    return "\n".join(parts)


def _likelihood_words(results: Results, quantity: str) -> list[str]:
    """Return how likelihoods are read, and how far their limits are from those by trials."""
    if not results.likelihoods and not results.counts:
        return ["The statistic of this analysis is no one likelihood of one strength: there is none to hand on.\n"]
    words = ["## The likelihoods\n", _form_words(results, quantity)]
    words += _right_ascension_words(results) if results.likelihoods else []
    words += [COUNTS_WORDS] if results.counts else []
    words += [ENERGY_WORDS] if results.energy_cells else []
    words += ["## From these likelihoods, and by trials\n", DISTANCE_WORDS]
    return [*words, _limits_table(results.limit_rows(), results.process.strength)]


def _form_words(results: Results, quantity: str) -> str:
    unit = UNITS[results.process.strength]
    factor = "D [GeV cm⁻²]" if results.process.is_decay else "J [GeV² cm⁻⁵]"
    return (
        f"A text file has log10 of {factor} and the masses [GeV] in its first line, then a line a {quantity} [{unit}], "
        f"from the greatest down, with -2ΔlnL for each mass, counted from the greatest likelihood at {quantity} ≥ 0. "
        "The profile-likelihood limit at 90 % CL is where it rises to 1.642 (= 1.2816²). `about.yaml` says how far "
        "each mass is tested: beyond, some cell would have a negative density (or no fit was made), and values go on "
        'as a parabola, which says "excluded" and no more. In `lklcom.hdf5` the same numbers stand in single precision '
        "under collaboration/source/channel/data: row 0 has log10 of the factor and the strengths in ascending order, "
        "each other row a mass and its -2ΔlnL.\n"
    )


def _right_ascension_words(results: Results) -> list[str]:
    return [
        f"`right_ascension_{results.sky}`: {SKIES[results.sky]} `stacked` is the whole signal ({results.hypothesis}) "
        "with the factors of the catalogue, whose sum over galaxies stands in its first line. The file of one galaxy "
        "takes it to be the only one that shines. Galaxies lie within the detector's resolution of each other and "
        "share events: **do not add their -2ΔlnL up; in `stacked` each event counts once.**\n",
        "A workspace holds the same stacked likelihood: a bin is a cell of nearly equal ratio of signal to background, "
        "`strength` counts the unit that the measurement's name gives, and `n_events` keeps the number of events as it "
        "is. Signal templates are negative where the background, which comes from the data and so holds the signal's "
        "average, is lowered.\n",
    ]


def _limits_table(rows: Sequence[Row], strength: str) -> str:
    unit = UNITS[strength]
    heads = ("channel", "mass [GeV]", "likelihood", "halo", f"profile likelihood [{unit}]", f"trials [{unit}]", "ratio")
    cells = [
        (
            str(row["channel"]),
            f"{row['mass']:g}",
            str(row["likelihood"]),
            str(row["profile"]),
            f"{row[f'{strength}_profile_likelihood_limit']:.3e}",
            *(
                ("–", "–")
                if row[f"{strength}_trials_limit"] is None
                else (f"{row[f'{strength}_trials_limit']:.3e}", f"{row['trials_over_profile_likelihood']:.3f}")
            ),
        )
        for row in rows
    ]
    return _table(heads, cells)


def _left_out(results: Results) -> list[str]:
    if not results.left_out:
        return []
    return ["## What is not here\n", "\n".join(f"- {line}" for line in results.left_out) + "\n"]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"
