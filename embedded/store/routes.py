"""The HTTP face: InfluxDB's 2.x write and delete, its 1.x query, ping and health."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import json
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING

from aiohttp import web

from embedded.store import answer
from embedded.store.errors import (
    MalformedError,
    NotFoundError,
    QueryError,
    StoreError,
    TooLargeError,
    UnauthorizedError,
    UnavailableError,
)
from embedded.store.influxql.condition import MAX_TIME, MIN_TIME, parse_time
from embedded.store.line_protocol import PRECISION_NS, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.typedefs import Handler

    from embedded.store.service import Store

VERSION = "v2.7-cityops"
MAX_BODY_BYTES = 10_000_000
MAX_UNPACKED_BYTES = 25_000_000
WORTH_PACKING_BYTES = 4_096
PARSING = 2
"""Bodies that are parsed at once: each costs some ten times its size in memory."""
RETRY_AFTER_SECONDS = "5"


def application(store: Store, token: str) -> web.Application:
    """The application that serves a store to holders of the token."""
    routes = Routes(store, token)
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_errors])
    app.add_routes(
        [
            web.post("/api/v2/write", routes.write),
            web.post("/write", routes.write_v1),
            web.post("/api/v2/delete", routes.delete),
            web.get("/query", routes.query, allow_head=False),
            web.post("/query", routes.query),
            web.get("/ping", routes.ping),
            web.get("/health", routes.health),
        ]
    )
    return app


class Routes:
    """One method a route."""

    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token.encode()
        self._parsing = asyncio.Semaphore(PARSING)

    async def write(self, request: web.Request) -> web.Response:
        """`POST /api/v2/write?org=&bucket=&precision=`: 204 once every point is on disk."""
        return await self._write(request, request.query.get("bucket", ""))

    async def write_v1(self, request: web.Request) -> web.Response:
        """`POST /write?db=&precision=`, as 1.x clients write."""
        return await self._write(request, request.query.get("db", ""))

    async def _write(self, request: web.Request, bucket: str) -> web.Response:
        self._authorize(request, request.query)
        precision = request.query.get("precision") or "ns"
        if precision not in PRECISION_NS:
            raise MalformedError(f"invalid precision {precision!r}: one of ns, us, ms, s")
        if not bucket:
            raise NotFoundError("no bucket is named: give bucket=NAME")
        raw = await _raw(request)
        async with self._parsing:
            body = await _unpacked(request, raw)
            points = await asyncio.to_thread(parse, body, PRECISION_NS[precision], self._store.now_ns())
        await asyncio.wrap_future(self._store.write(bucket, points))
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        """`POST /api/v2/delete?org=&bucket=` with `{"start", "stop", "predicate"}`: a time range of a bucket."""
        self._authorize(request, request.query)
        try:
            asked = json.loads(await _unpacked(request, await _raw(request)) or b"{}")
            start, stop = parse_time(asked["start"]), parse_time(asked["stop"])
            predicate = asked.get("predicate") or ""
        except (ValueError, KeyError, TypeError, AttributeError, StoreError) as error:
            raise MalformedError('the body must be {"start": RFC3339, "stop": RFC3339, "predicate": ""}') from error
        start, stop = max(start, MIN_TIME), min(stop, MAX_TIME)
        measurement = _predicate(predicate)
        bucket = request.query.get("bucket", "")
        await asyncio.wrap_future(self._store.delete(bucket, start, stop, measurement))
        return web.Response(status=204)

    async def query(self, request: web.Request) -> web.Response:
        """`GET|POST /query?db=&q=&epoch=`: InfluxQL; JSON, or CSV for `Accept: application/csv`."""
        parameters = {**await _form(request), **request.query}
        self._authorize(request, parameters)
        text = parameters.get("q", "")
        if not text:
            raise MalformedError('missing required parameter "q"')
        epoch = answer.epoch_ns(parameters.get("epoch", ""))
        asked = self._store.query(text, parameters.get("db", ""), parameters.get("rp", ""))
        results = await asyncio.wrap_future(asked)
        if "csv" in request.headers.get("Accept", ""):
            body = await asyncio.to_thread(answer.as_csv, results, epoch)
            return web.Response(body=body, content_type="text/csv", charset="utf-8")
        body = await asyncio.to_thread(answer.as_json, results, epoch, pretty=parameters.get("pretty") == "true")
        packed = {}
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) > WORTH_PACKING_BYTES:
            # In a thread: a panel of megabytes must not hold up everybody else's requests.
            body = await asyncio.to_thread(gzip.compress, body, compresslevel=1)
            packed = {"Content-Encoding": "gzip"}
        return web.Response(body=body, content_type="application/json", headers=packed)

    async def ping(self, _: web.Request) -> web.Response:
        """`GET /ping`: 204 while the store serves."""
        return web.Response(status=204, headers={"X-Influxdb-Version": VERSION, "X-Influxdb-Build": "OSS"})

    async def health(self, _: web.Request) -> web.Response:
        """`GET /health`: as InfluxDB 2.x answers."""
        text = "ready for queries and writes"
        return web.json_response({"name": "influxdb", "message": text, "status": "pass", "version": VERSION})

    def _authorize(self, request: web.Request, parameters: Mapping[str, str]) -> None:
        given = _given_token(request.headers.get("Authorization", ""), parameters)
        if not hmac.compare_digest(given.encode(), self._token):
            raise UnauthorizedError("unauthorized access: the token is missing or wrong")


def _given_token(header: str, parameters: Mapping[str, str]) -> str:
    """The token a client gives: `Token …`, `Bearer …`, `Basic …`, or 1.x's password parameter `p`."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() in {"token", "bearer"}:
        # 1.x clients put `user:password` behind Token.
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return parameters.get("p", "")


def _predicate(text: str) -> str:
    """The measurement that `_measurement="name"` names; empty: all."""
    if not text.strip():
        return ""
    name, equals, value = text.partition("=")
    value = value.strip()
    if name.strip() != "_measurement" or not equals or len(value) < 3 or value[0] not in "\"'" or value[-1] != value[0]:
        raise MalformedError(f'unsupported predicate {text!r}: only _measurement="name" is')
    return value[1:-1]


async def _form(request: web.Request) -> Mapping[str, str]:
    if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return {}
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _raw(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLargeError(f"the body is larger than {MAX_BODY_BYTES} bytes") from error


async def _unpacked(request: web.Request, raw: bytes) -> bytes:
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding == "gzip":
        return await asyncio.to_thread(_unpack, raw)
    if encoding != "identity":
        raise MalformedError(f"unsupported Content-Encoding {encoding!r}: gzip or identity")
    return raw


def _unpack(raw: bytes) -> bytes:
    """The body of a gzip stream, or several behind each other; never more than the bound."""
    parts, size, rest = [], 0, raw
    try:
        while rest:
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(rest, MAX_UNPACKED_BYTES - size + 1))
            size += len(parts[-1])
            if size > MAX_UNPACKED_BYTES:
                raise TooLargeError(f"the body unpacks to more than {MAX_UNPACKED_BYTES} bytes")
            if not stream.eof:
                raise MalformedError("the gzip body is truncated")
            rest = stream.unused_data
    except zlib.error as error:
        raise MalformedError(f"the body is no gzip: {error}") from error
    return b"".join(parts)


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in the words of the API that was called: 1.x says `error`, 2.x `code` and `message`."""
    try:
        return await handler(request)
    except StoreError as error:
        headers = {"Retry-After": RETRY_AFTER_SECONDS} if isinstance(error, UnavailableError) else {}
        text = str(error)
        v1 = isinstance(error, QueryError) or request.path in {"/query", "/write"}
        body = {"error": text} if v1 else {"code": error.code, "message": text}
        return web.json_response(body, status=error.status, headers=headers)
