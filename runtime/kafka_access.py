"""How a Kafka lets us in: TLS, and a user with a password; in the words of each client library we use."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from city.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """What a client must show and check; without anything set, plain text from nobody."""

    tls: bool = False
    ca_file: Path | None = None  # None: the system's authorities
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: str = "SCRAM-SHA-512"

    @property
    def protocol(self) -> str:
        """Kafka's name of it: `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`."""
        transport = "SSL" if self.tls else "PLAINTEXT"
        return f"SASL_{transport}" if self.user else transport

    def context(self) -> ssl.SSLContext | None:
        """Whom to trust; None without TLS.

        Raises:
            ConfigurationError: the file of the authority is missing, or is none.
        """
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one too
            raise ConfigurationError(
                f"broker_ca_file = {self.ca_file}: {error.strerror or 'holds no certificate (PEM)'}"
            ) from error

    def for_kafka_python(self) -> dict[str, Any]:
        """Arguments of kafka-python's clients, and of aiokafka's, which took them over."""
        given: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls:
            given["ssl_context"] = self.context()
        if self.user:
            given |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return given

    def for_librdkafka(self) -> dict[str, str]:
        """Properties of confluent-kafka's clients."""
        given = {"security.protocol": self.protocol}
        if self.tls and self.ca_file is not None:
            given["ssl.ca.location"] = str(self.ca_file)
        if self.user:
            given |= {
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        return given


def kafka_access(settings: Settings) -> KafkaAccess:
    """What the settings say of it.

    Raises:
        ConfigurationError: a user without a password, or a file that is missing or holds nothing.
    """
    access = KafkaAccess(
        settings.broker_tls,
        settings.broker_ca_file,
        settings.broker_user,
        settings.broker_password() if settings.broker_user else "",
        settings.broker_mechanism,
    )
    access.context()
    return access
