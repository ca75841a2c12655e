"""Bodies that are small on the wire and large when unpacked, and lists too large to be written out."""

from __future__ import annotations

import functools
import gzip

import brotli
import zstandard

MIB = 1 << 20

LARGE = 64 * MIB
"""Bytes that the bombs unpack to, or more."""


@functools.cache
def of_gzip() -> bytes:
    return gzip.compress(bytes(MIB)) * 64


@functools.cache
def of_brotli() -> bytes:
    packed: bytes = brotli.compress(bytes(LARGE), quality=1)
    return packed


@functools.cache
def of_zstd() -> bytes:
    """2 GiB in 64 KiB."""
    packer = zstandard.ZstdCompressor().compressobj()
    return (packer.compress(bytes(LARGE)) + packer.flush()) * 32


@functools.cache
def stacked() -> bytes:
    """For "gzip, gzip": 25 GiB in some 100 KiB."""
    return gzip.compress(gzip.compress(bytes(LARGE)) * 400, compresslevel=1)


@functools.cache
def hollow() -> bytes:
    """For "gzip, gzip": what the outer coding gives is large, and what the inner one makes of it is nothing."""
    return gzip.compress(gzip.compress(b"") * 500_000, compresslevel=1)


def build() -> None:
    """Make them all now, and not while somebody waits."""
    for bomb in (of_gzip, of_brotli, of_zstd, stacked, hollow):
        bomb()


def wide() -> bytes:
    """A zstd frame that wants 128 MiB of memory to be unpacked (RFC 9659 allows 8 MiB)."""
    wants = zstandard.ZstdCompressionParameters.from_level(1, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=wants).compressobj()
    return packer.compress(b"||ads.example^\n") + packer.flush()


def regexes() -> bytes:
    """A million of them."""
    return "".join(f"/^ad{number}x?/\n" for number in range(1_000_000)).encode()
