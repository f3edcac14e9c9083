"""An InfluxDB-compatible HTTP server on one DuckDB file: line protocol in, InfluxQL out.

`serve(path, token, port=0)` runs one in this process (tests, benches); `python -m embedded.store` is the city's.
"""

from embedded.store.server import serve

__all__ = ["serve"]
