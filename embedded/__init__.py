"""One machine instead of a cluster: the broker, the store, and the supervisor that runs all parts."""
