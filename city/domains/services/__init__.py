"""Public administrative services: the life of an application, and the one-stop counters."""
