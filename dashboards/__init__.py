"""How it is shown: layouts and rules → the files Grafana is provisioned with. No file per domain."""

import importlib
import warnings

# The SDK warns on import that a second dashboard format is coming. The first is the one that file provisioning has
# taken in every Grafana so far, and the one the console draws. These two bring every module in that warns.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Prefer using dashboardv2", category=DeprecationWarning)
    importlib.import_module("grafana_foundation_sdk.builders.dashboard")
    importlib.import_module("grafana_foundation_sdk.builders.stat")
