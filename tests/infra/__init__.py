"""Tests of infra: real servers without Docker, Compose and Docker files, secrets."""
