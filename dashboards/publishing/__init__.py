"""The same boards, rules and contacts into a Grafana that exists already, by its HTTP API.

`material` says what is wanted, `resources` how one of each kind is read and written, `plan` compares and decides,
`manifest` remembers what was made. `client` is all that knows grafana-api.
"""

from dashboards.publishing.client import Grafana
from dashboards.publishing.material import Source, material
from dashboards.publishing.plan import Step, plan, publish, unpublish

__all__ = ["Grafana", "Source", "Step", "material", "plan", "publish", "unpublish"]
