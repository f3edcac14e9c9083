"""Traffic: what road sensors count and measure."""
