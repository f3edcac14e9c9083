"""The core, proved or broken: `world` is the simulated world, `domain` the small city it runs in."""
