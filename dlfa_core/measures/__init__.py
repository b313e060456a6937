"""How alike are two sets of sentence vectors, how good are predictions? Arrays in, numbers out."""

from dlfa_core.measures.cca import pwcca, svcca
from dlfa_core.measures.cka import linear_cka
from dlfa_core.measures.classification import METRICS, Metric, metric
from dlfa_core.measures.clusters import (
    Estimate,
    clustered_correlation,
    clustered_mean,
    clustered_share,
    clustered_superiority,
)
from dlfa_core.measures.corrections import holm
from dlfa_core.measures.correlations import Correlation, correlation_over_languages
from dlfa_core.measures.cosine import cosine_gap, cosine_parallel, cosine_random
from dlfa_core.measures.equivalence import equivalence_p_values
from dlfa_core.measures.erasure import erasures, first_words, probability_drops
from dlfa_core.measures.intervals import bootstrap_weights, interval
from dlfa_core.measures.neurons import anc
from dlfa_core.measures.on_device import products_on
from dlfa_core.measures.pairwise import compare_all
from dlfa_core.measures.registry import DEFAULT_MEASURES, MEASURES, Measure, measure, sample_warning
from dlfa_core.measures.retrieval import retrieval_accuracy
from dlfa_core.measures.scores import PairScores
from dlfa_core.measures.selection import LargestOfTrainings, signs, simultaneous_intervals
from dlfa_core.measures.trainings import TrainingMean, mean_over_trainings

__all__ = [
    "DEFAULT_MEASURES",
    "MEASURES",
    "METRICS",
    "Correlation",
    "Estimate",
    "LargestOfTrainings",
    "Measure",
    "Metric",
    "PairScores",
    "TrainingMean",
    "anc",
    "bootstrap_weights",
    "clustered_correlation",
    "clustered_mean",
    "clustered_share",
    "clustered_superiority",
    "compare_all",
    "correlation_over_languages",
    "cosine_gap",
    "cosine_parallel",
    "cosine_random",
    "equivalence_p_values",
    "erasures",
    "first_words",
    "holm",
    "interval",
    "linear_cka",
    "mean_over_trainings",
    "measure",
    "metric",
    "probability_drops",
    "products_on",
    "pwcca",
    "retrieval_accuracy",
    "sample_warning",
    "signs",
    "simultaneous_intervals",
    "svcca",
]
