"""The servers a city runs on: Compose and Docker files, and real servers without Docker (`native`)."""
