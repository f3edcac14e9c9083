"""Sample files of the packs: a module for each pack says what is in them, `python -m tests.samples` writes them."""
