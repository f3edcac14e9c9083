"""Where operators work: the city in a browser. `app` is the server, `pages` says what can be opened.

A page is a function that takes a `View` and builds NiceGUI elements; `guard` stands before everything.
"""
