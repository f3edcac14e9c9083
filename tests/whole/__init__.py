"""The whole path, by real processes: broker, worker and store, and a proxy between the last two."""
