"""Saying things again: what may be played (`offers`), and the one process that plays it (`player`)."""
