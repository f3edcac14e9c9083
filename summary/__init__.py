"""WHAT IT ADDS UP TO: a job that rolls settled points up into minutes, hours and days, and says how places stand.

It reads and writes the store only. Whatever it did is seen in the store, so it keeps no state of its own.
"""
