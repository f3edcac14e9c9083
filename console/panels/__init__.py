"""A board on a page: pickers above, panels on a grid, each filled as soon as it is seen.

`studio` makes what panels show, once for all who look; the others are elements.
"""
