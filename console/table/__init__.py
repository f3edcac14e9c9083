"""A table that people sort and search, on the page itself: names by the Vietnamese alphabet, with and without marks."""

from console.table.table import Cell, Column, Table

__all__ = ["Cell", "Column", "Table"]
