"""What the city is and says: pure data and functions. No I/O, no clock, no import of another room."""
