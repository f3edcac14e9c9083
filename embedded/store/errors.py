"""What a request can be told instead of an answer: each error knows its HTTP status and InfluxDB's code for it."""

from __future__ import annotations

from city.errors import CityopsError


class StoreError(CityopsError):
    """A request failed; `status` and `code` are what InfluxDB answers in that case."""

    status = 500
    code = "internal error"


class MalformedError(StoreError):
    """The body is no line protocol, or a parameter is wrong: nothing was written."""

    status = 400
    code = "invalid"


class UnauthorizedError(StoreError):
    """The token is missing or wrong."""

    status = 401
    code = "unauthorized"


class NotFoundError(StoreError):
    """There is no such bucket."""

    status = 404
    code = "not found"


class TooLargeError(StoreError):
    """The body, as sent or unpacked, is larger than the store takes in one request."""

    status = 413
    code = "request too large"


class PartialWriteError(StoreError):
    """Some points were refused, by name; the rest is written."""

    status = 422
    code = "unprocessable entity"


class UnavailableError(StoreError):
    """The store cannot write now (disk full, shutting down): nothing was written, try again later."""

    status = 503
    code = "unavailable"


class QueryError(StoreError):
    """The statement cannot be parsed, or asks for something the store does not do."""

    status = 400
    code = "invalid"

    def __init__(self, message: str) -> None:
        super().__init__(f"error parsing query: {message}")


class StatementError(StoreError):
    """A statement that parses but cannot be carried out: InfluxDB answers 200 and says so beside its results."""

    status = 200
    code = "invalid"
