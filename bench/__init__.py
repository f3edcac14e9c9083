"""How fast, how soon, how much: each program prints one table of one run, on servers it starts itself."""
