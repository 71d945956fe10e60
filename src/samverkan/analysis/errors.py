"""Refusals of the analysis."""

from __future__ import annotations


class BadInput(ValueError):
    """The data or a parameter cannot be used.

    The message is one clear sentence: what is wrong, where, and what to do.
    """
