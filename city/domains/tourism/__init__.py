"""Tourism: who visits the city's sights, who sleeps in its hotels, and how its tourism portal does."""
