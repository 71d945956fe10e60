"""Did it work: before and after, here and where nothing was done.

Lead with the weighted displacement difference (:func:`wdd`), which has a
standard error; the quotient (:func:`wdq`) is for readers who ask for it.
:func:`before_after` puts a treated area, its comparison areas and a buffer
together into one verdict for the follow-up of a measure.
"""

from __future__ import annotations

from samverkan.analysis._estimate import Estimate
from samverkan.analysis.evaluate_areas import (
    Did,
    ETest,
    Wdd,
    Wdq,
    did,
    e_test,
    wdd,
    wdq,
)
from samverkan.analysis.evaluate_burst import Burst, burst, naus
from samverkan.analysis.evaluate_panel import Panel, panel
from samverkan.analysis.evaluate_series import Series, interrupted
from samverkan.analysis.evaluate_verdict import (
    BeforeAfter,
    Regression,
    before_after,
    regression_to_the_mean,
)

__all__ = [
    "BeforeAfter",
    "Burst",
    "Did",
    "ETest",
    "Estimate",
    "Panel",
    "Regression",
    "Series",
    "Wdd",
    "Wdq",
    "before_after",
    "burst",
    "did",
    "e_test",
    "interrupted",
    "naus",
    "panel",
    "regression_to_the_mean",
    "wdd",
    "wdq",
]
