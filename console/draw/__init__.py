"""Frames and a panel → what is drawn: an ECharts option, or rows of figures and cells. Pure: no page, no clock.

`drawing.draw` does it for every kind of panel; `twin` is the table behind each picture.
"""
