"""What other rooms may use of measures."""

from .doors import event_kinds, panels
from .models import Cause, Measure, MeasureType, Perspective, Problem, Status, StatusChange
from .selectors import due, filtered, measure, measures, problem, problems, seats_that_follow
from .services import Plan, change, change_problem, describe_problem, plan, set_causes, step
from .workflow import OPEN

__all__ = [
    "OPEN",
    "Cause",
    "Measure",
    "MeasureType",
    "Perspective",
    "Plan",
    "Problem",
    "Status",
    "StatusChange",
    "change",
    "change_problem",
    "describe_problem",
    "due",
    "event_kinds",
    "filtered",
    "measure",
    "measures",
    "panels",
    "plan",
    "problem",
    "problems",
    "seats_that_follow",
    "set_causes",
    "step",
]
