"""The problem of one sky as an analysis of SkyLLH (pypi.org/project/skyllh), by its public classes.

Source and background densities, their ratio, the weighting of sources, the likelihood, its Newton steps in n_s and the
course of a trial are SkyLLH's own. Three small classes say what its user has to say: that all sources are seen equally
well, that background is uniform, and how it is drawn.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from skyllh.core.analysis import MultiSourceMultiDatasetLLHRatioAnalysis
from skyllh.core.background_generation import BackgroundGenerationMethod
from skyllh.core.background_generator import DatasetBackgroundGenerator
from skyllh.core.binning import BinningDefinition
from skyllh.core.config import Config
from skyllh.core.dataset import Dataset, DatasetData
from skyllh.core.detsigyield import DetSigYield, DetSigYieldBuilder
from skyllh.core.event_selection import SpatialBoxEventSelectionMethod
from skyllh.core.flux_model import PowerLawEnergyFluxProfile, SteadyPointlikeFFM
from skyllh.core.minimizer import Minimizer, NR1dNsMinimizerImpl
from skyllh.core.model import DetectorModel
from skyllh.core.parameters import Parameter, ParameterModelMapper
from skyllh.core.pdfratio import SigOverBkgPDFRatio
from skyllh.core.random import RandomStateService
from skyllh.core.signalpdf import RayleighPSFPointSourceSignalSpatialPDF
from skyllh.core.source_hypo_grouping import SourceHypoGroup, SourceHypoGroupManager
from skyllh.core.source_model import PointLikeSource
from skyllh.core.storage import DataFieldRecordArray
from skyllh.core.test_statistic import WilksTestStatistic
from skyllh.core.trialdata import TrialDataManager
from skyllh.core.utils.analysis import pointlikesource_to_data_field_array
from skyllh.core.utils.tdm import get_tdm_field_func_psi
from skyllh.i3.backgroundpdf import BackgroundI3SpatialPDF

from benchmarks.one_sky import OneSky, Reals


class SkyFit(NamedTuple):
    """The best fit of one sky."""

    n_s: float
    test_statistic: float


class UniformSky(BackgroundGenerationMethod):
    """Draws a sky of background: directions uniform over the sphere, always the same number."""

    def __init__(self, sky: OneSky, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sky = sky

    def generate_events(self, rss: RandomStateService, **_: Any) -> tuple[int, DataFieldRecordArray]:
        """Return the number of events and the events."""
        n_events = self.sky.n_events
        sine = rss.random.uniform(-1.0, 1.0, n_events)
        return n_events, record_array(rss.random.uniform(0.0, 2.0 * np.pi, n_events), np.arcsin(sine), self.sky, sine)


class EqualYield(DetSigYield):
    """The same expected signal from all sources, so that their weights are all that tells them apart."""

    def sources_to_recarray(self, sources: Any) -> NDArray[Any]:
        """Return the sources' declinations as a record array."""
        return np.array([(source.dec,) for source in sources], dtype=[("dec", np.float64)])

    def __call__(self, src_recarray: NDArray[Any], **_: Any) -> tuple[Reals, dict[int, Reals]]:
        """Return the yields (n_sources,) and their derivatives, of which there are none."""
        return np.ones(len(src_recarray)), {}


class EqualYieldBuilder(DetSigYieldBuilder):
    """Builds the equal yield."""

    def construct_detsigyield(self, dataset: Dataset, shg: SourceHypoGroup, **_: Any) -> EqualYield:
        """Return the yield of a group of sources."""
        return EqualYield((), dataset, shg.fluxmodel, 1.0)


def record_array(ra: Reals, dec: Reals, sky: OneSky, sine_dec: Reals | None = None) -> DataFieldRecordArray:
    """Return events at ra, dec (n_events,) rad as SkyLLH keeps them."""
    fields = {
        "ra": ra,
        "dec": dec,
        "sin_dec": np.sin(dec) if sine_dec is None else sine_dec,
        "ang_err": np.full(ra.size, sky.angular_error),
    }
    return DataFieldRecordArray(fields, copy=False)


def skyllh_analysis(sky: OneSky, box: float | None = None) -> MultiSourceMultiDatasetLLHRatioAnalysis:
    """Return the analysis of a sky, n_s free from 0 to N and sought from 0 on.

    box: only events within so many rad of a source in declination, and as far in right ascension, count for it; without
    it all events count for all sources.
    """
    cfg = Config()
    sources = [
        PointLikeSource(ra=ra, dec=dec, weight=weight, name=f"source {number}")
        for number, (ra, dec, weight) in enumerate(zip(sky.ra, sky.dec, sky.weights, strict=True))
    ]
    flux = SteadyPointlikeFFM(Phi0=1.0, energy_profile=PowerLawEnergyFluxProfile(E0=1.0, gamma=2.0, cfg=cfg), cfg=cfg)
    groups = SourceHypoGroupManager(SourceHypoGroup(sources, flux, EqualYieldBuilder(cfg=cfg)))
    detector = DetectorModel("detector")
    parameters = ParameterModelMapper(models=[detector, *sources])
    parameters.map_param(Parameter(name="ns", initial=0.0, valmin=0.0, valmax=float(sky.n_events)), models=detector)
    analysis = MultiSourceMultiDatasetLLHRatioAnalysis(
        shg_mgr=groups, pmm=parameters, test_statistic=WilksTestStatistic(), cfg=cfg
    )
    dataset = Dataset("sky", None, None, 1.0, "", 1, cfg=cfg)
    data = DatasetData(data_exp=None, data_mc=None, livetime=1.0)
    generator = DatasetBackgroundGenerator(dataset=dataset, data=data, bkg_gen_method=UniformSky(sky, cfg=cfg), cfg=cfg)
    analysis.add_dataset(
        dataset,
        data,
        pdfratio=_ratio(cfg),
        tdm=_trial_data(),
        event_selection_method=None if box is None else SpatialBoxEventSelectionMethod(groups, delta_angle=box),
        bkg_generator=generator,
    )
    analysis.construct_services()
    analysis.llhratio = analysis.construct_llhratio(minimizer=Minimizer(NR1dNsMinimizerImpl(cfg=cfg)))
    return analysis


def skyllh_fit(analysis: MultiSourceMultiDatasetLLHRatioAnalysis, events: DataFieldRecordArray) -> SkyFit:
    """Return the fit of given events."""
    analysis.initialize_trial([events])
    return fitted(analysis)


def fitted(analysis: MultiSourceMultiDatasetLLHRatioAnalysis) -> SkyFit:
    """Return the fit of the events that an analysis holds."""
    log_likelihood, values, _ = analysis.llhratio.maximize(rss=RandomStateService(1))
    return SkyFit(float(values[0]), analysis.calculate_test_statistic(log_likelihood, values))


def skyllh_trials(analysis: MultiSourceMultiDatasetLLHRatioAnalysis, n_trials: int, seed: int) -> SkyFit:
    """Return fits of background trials, arrays (n_trials,)."""
    random = RandomStateService(seed)
    trials = np.concatenate([analysis.do_trial(random) for _ in range(n_trials)])
    return SkyFit(trials["ns"], trials["ts"])


def ratio_of_events(analysis: MultiSourceMultiDatasetLLHRatioAnalysis) -> Reals:
    """Return R (n_events,) of the events that were fitted last, by SkyLLH's densities and weights."""
    likelihood = analysis.llhratio.llhratio_list[0]
    return np.asarray(likelihood.pdfratio.get_ratio(tdm=likelihood.tdm, src_params_recarray=None))


def _ratio(cfg: Config) -> SigOverBkgPDFRatio:
    """Return the ratio of a point source's Rayleigh density and a background that is flat in sin(dec)."""
    bins = BinningDefinition("sin_dec", np.linspace(-1.0, 1.0, 11))
    background = BackgroundI3SpatialPDF(
        data_sin_dec=bins.bincenters,
        data_weights=np.ones(bins.nbins),
        sin_dec_binning=bins,
        spline_order_sin_dec=1,
        cfg=cfg,
    )
    return SigOverBkgPDFRatio(RayleighPSFPointSourceSignalSpatialPDF(cfg=cfg), background, cfg=cfg)


def _trial_data() -> TrialDataManager:
    """Return what computes the angles between sources and events of a trial."""
    manager = TrialDataManager()
    manager.add_source_data_field(name="src_array", func=pointlikesource_to_data_field_array)
    manager.add_data_field(name="psi", func=get_tdm_field_func_psi(), dt="dec", is_srcevt_data=True)
    return manager
