"""Faults on real servers: a city is driven at a steady rate while things fail, and every stored point is compared.

`python -m tests.chaos` runs the experiments of `experiments.py`; `test_chaos.py` runs the small size of some.
"""
