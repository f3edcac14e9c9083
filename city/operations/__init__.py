"""The city's own machinery as something to watch: its KPIs, and the rules every domain gets because it exists.

`watch(domain)` says what to watch of one domain's sources and partitions, `PIPELINE` of the stream as a whole. The
runbooks and rule tests lie beside this file, with `{domain}` where a domain's name belongs.
"""

from city.operations.kpis import KPIS
from city.operations.rules import PIPELINE, Watched, watch

__all__ = ["KPIS", "PIPELINE", "Watched", "watch"]
