"""HdrHistogram as text (a percentile spectrum) and as the compressed text inside JSON.

The spectrum is what ``--hdr-file-prefix`` of memtier_benchmark and ``--latency`` of wrk2 print: a
value, the share and the number of samples up to it. A sample between two lines lies between their
values, so a line is a bucket from the value before to its own.

The compressed form is version 2 of the HdrHistogram log: base64 of a cookie, a length and a zlib
stream that holds a header of 40 bytes and the counts, zig-zag coded, a negative one for a run of
empty buckets.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from prismlib.sources.benchmark_run import (
    MS,
    Bucket,
    Point,
    Run,
    cut_off,
    from_cumulative,
    lines_of,
    number,
    total_of,
    two_runs,
)
from prismlib.sources.drill_times import Place

TOOL = "HdrHistogram"
UNIT = "a spectrum does not say its unit: it is read as ms, as memtier_benchmark and wrk2 print"

SPECTRUM = re.compile(r"\s*Value\s+Percentile\s+TotalCount\s+1/\(1-Percentile\)\s*$")
ROW = re.compile(r"\s*([\d.]+|nan|-nan|inf)\s+([01]\.\d+)\s+(\d+)(\s+([\d.]+|inf))?\s*$")
MEAN = re.compile(r"#\[Mean\s*=\s*([^\s,]+),")
TOTAL = re.compile(r"#\[Max\s*=\s*([\d.]+), Total ?[cC]ount\s*=\s*([\d.]+)\]")
COMPRESSED, COUNTS = 0x1C849304, 0x1C849303
WORD_SIZE = 0xF0
"""Bits of a cookie that the programs set differently: how wide a count may be."""
HEADER = struct.Struct(">IIIIqqd")
LARGEST_BYTES = 64_000_000
"""A histogram of 5 digits up to an hour is below this; a longer stream is no histogram."""


def spectrum(lines: Iterable[tuple[int, str]], place: Place) -> tuple[Bucket, ...]:
    """Return the buckets of a spectrum, whatever stands around it.

    Raises
    ------
    SourceError
        It is cut off, holds none or another number of samples than it says, or counts fall.
    """
    points: list[tuple[Decimal, int]] = []
    share, said = Decimal(0), None
    for row, line in lines:
        where = Place(place.path, row)
        if found := ROW.fullmatch(line):
            share = number(found[2], where, "Percentile")
            points.append((number(found[1], where, "Value"), int(found[3])))
        elif found := TOTAL.search(line):
            said = int(Decimal(found[2]))
    buckets = from_cumulative(points, place)
    if share != 1 or said != total_of(buckets) or not said:
        raise cut_off(
            place,
            seen=f"{len(points)} lines up to percentile {share}, {total_of(buckets)} samples",
            expected=f"lines up to percentile 1, {said or 'a number of'} samples as its end says",
        )
    return buckets


def histogram(text: str, place: Place, *, unit_ms: Decimal) -> tuple[Bucket, ...]:
    """Return the buckets of a compressed histogram whose values are counts of `unit_ms`.

    Raises
    ------
    SourceError
        It is damaged, or of another version.
    """
    try:
        packed = base64.b64decode(text, validate=True)
        cookie, length = struct.unpack_from(">II", packed)
        if cookie & ~WORD_SIZE != COMPRESSED or length != len(packed) - 8:
            raise ValueError(f"cookie {cookie:#x}, {length} bytes of {len(packed) - 8}")
        plain = zlib.decompressobj().decompress(packed[8:], LARGEST_BYTES)
        cookie, size, _, digits, lowest, _, _ = HEADER.unpack_from(plain)
        if (
            cookie & ~WORD_SIZE != COUNTS
            or size != len(plain) - HEADER.size
            or not 0 <= digits <= 5
        ):
            raise ValueError(f"cookie {cookie:#x}, {digits} digits, {size} bytes")
        return tuple(_buckets(_counts(plain[HEADER.size :]), digits, lowest, unit_ms))
    except (ValueError, IndexError, struct.error, zlib.error, binascii.Error) as error:
        raise place.refuse(
            "a compressed histogram cannot be read",
            seen=str(error),
            expected="HdrHistogram, version 2, compressed: HISTFAAAA...",
            remedy="leave the file as the tool writes it",
        ) from None


def _counts(coded: bytes) -> Iterator[int]:
    """Yield the numbers of a zig-zag LEB128 stream: 9 bytes at most, the ninth holds 8 bits."""
    at = 0
    while at < len(coded):
        value = 0
        for step in range(9):
            byte = coded[at]
            at += 1
            value |= (byte if step == 8 else byte & 0x7F) << (7 * step)
            if step == 8 or byte < 0x80:
                break
        yield (value >> 1) ^ -(value & 1)


def _buckets(counts: Iterable[int], digits: int, lowest: int, unit_ms: Decimal) -> Iterator[Bucket]:
    # Values share a slot when they differ less than the digits show: slots of one width to
    # `size`, of double the width for the next half as many, and so on.
    magnitude = max(lowest, 1).bit_length() - 1
    size = 1 << (2 * 10**digits - 1).bit_length()
    half, slot = size // 2, 0
    for count in counts:
        if count < 0:
            slot -= count
            continue
        shift = magnitude + max(slot // half - 1, 0)
        place = slot if slot < size else half + slot % half
        low = place << shift
        if count:
            high = low + (1 << shift) - 1
            yield Bucket(high * unit_ms, low * unit_ms, high * unit_ms, count)
        slot += 1


def is_spectrum(head: str) -> bool:
    """Return whether a file is a spectrum and nothing else."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    return bool(SPECTRUM.fullmatch(first))


def spectrum_runs(path: Path) -> list[Run]:
    """Return the run of a file of ``--hdr-file-prefix``."""
    place, lines = Place(path), list(lines_of(path))
    headers = [row for row, line in lines if SPECTRUM.fullmatch(line)]
    if len(headers) > 1:
        raise two_runs(Place(path, headers[1]), seen=f"{len(headers)} spectra")
    if not any(line.startswith("#[Max") for _, line in lines):
        raise cut_off(place, seen=f"{len(lines)} lines", expected="#[Max and the total at its end")
    buckets = spectrum(lines, place)
    facts = {"resolution_ms": MS["us"], "requests": total_of(buckets)}
    means = [found for _, line in lines if (found := MEAN.search(line))]
    points = tuple(Point("mean", number(one[1], place, "Mean")) for one in means)
    return [Run(TOOL, "", points, buckets, facts=facts, note=UNIT)]
