"""Files in and out of `samverkan analyse`: tables, JSON, GeoJSON, plots and progress."""

from samverkan.cli import progress

from .columns import Table, columns_of, day_label, day_numbers, read_csv
from .results import (
    add_input,
    add_output,
    figure,
    integers,
    jsonable,
    numbers,
    point,
    polygon,
    print_table,
    write_json,
    write_map,
    write_plot,
    write_whole,
)
from .told import FileProblem, print_warnings

__all__ = [
    "FileProblem",
    "Table",
    "add_input",
    "add_output",
    "columns_of",
    "day_label",
    "day_numbers",
    "figure",
    "integers",
    "jsonable",
    "numbers",
    "point",
    "polygon",
    "print_table",
    "print_warnings",
    "progress",
    "read_csv",
    "write_json",
    "write_map",
    "write_plot",
    "write_whole",
]
