"""The embedded PostgreSQL and what Samverkan asks of any PostgreSQL: roles, grants, Swedish sorting.

Importing this package or the settings never starts a server. ``driver.Server`` does, for the
commands and the tests.
"""
