"""Answers of API calls on disk, so that nothing is paid for twice.

A file a page, named by a hash of the whole request, written whole or not at all right after the
page came. A settled answer is used for ever; another only until it is `MAX_AGE` old, since billing
data changes at most about three times a day. A file that cannot be read is ignored and replaced.
Two pulls may share a folder.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prismlib.sources.redaction import account_hash

MAX_AGE = timedelta(hours=8)
WRITING = ".writing-"
ABANDONED_S = 3600
"""Age of a half-written file from which no one is at work on it: a write takes milliseconds."""


@dataclass(frozen=True)
class Answer:
    """An answer without its transport data, when it was fetched, and whether it can still move."""

    body: dict[str, Any]
    fetched_at: datetime
    is_settled: bool
    from_cache: bool = False


class RequestCache:
    """A folder of answers for one account.

    Parameters
    ----------
    folder : Path
        Folder of all accounts.
    account_id : str
        The account; only a hash of it is written.
    """

    def __init__(self, folder: Path, account_id: str) -> None:
        self.folder = folder / account_hash(account_id)

    def key(self, **request: Any) -> str:
        """Return the name of a request."""
        text = json.dumps(
            {"account": self.folder.name, **request}, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def read(self, key: str, now: datetime) -> Answer | None:
        """Return the answer to a request if there is one that may still be used at `now`."""
        try:
            with gzip.open(self._file(key), "rt", encoding="utf-8") as stream:
                content = json.load(stream)
            answer = Answer(
                body=dict(content["answer"]),
                fetched_at=datetime.fromisoformat(content["fetched_at"]),
                is_settled=content["is_settled"] is True,
                from_cache=True,
            )
            age = now - answer.fetched_at
        except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError):
            return None
        # An answer from the future is one of a clock that was wrong.
        is_fresh = timedelta(0) <= age < MAX_AGE
        return answer if content.get("key") == key and (answer.is_settled or is_fresh) else None

    def write(self, key: str, answer: Answer) -> None:
        """Keep an answer; a kill leaves the old file or the new one."""
        content: Mapping[str, Any] = {
            "key": key,
            "fetched_at": answer.fetched_at.isoformat(),
            "is_settled": answer.is_settled,
            "answer": answer.body,
        }
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=WRITING)
        try:
            with os.fdopen(handle, "wb") as raw:
                raw.write(gzip.compress(json.dumps(content).encode(), compresslevel=6, mtime=0))
                raw.flush()
                os.fsync(raw.fileno())
            os.replace(name, file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def clean_up(self) -> None:
        """Remove what writes that were killed left behind."""
        for file in self.folder.glob(f"{WRITING}*"):
            with suppress(OSError):  # another pull may clean up too
                if time.time() - file.lstat().st_mtime > ABANDONED_S:
                    file.unlink()

    def forget(self, key: str) -> None:
        """Remove an answer."""
        self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.json.gz"
