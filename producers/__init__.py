"""Who speaks: simulators run live, recordings replayed, and the publisher that all of them go through."""
