"""What writes that were killed leave in the cache goes away, and nothing else does."""

import os
import time
from datetime import UTC, datetime

from prismlib.sources.request_cache import Answer, RequestCache

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)


def test_only_old_half_written_files_are_removed(tmp_path):
    cache = RequestCache(tmp_path, "123456789012")
    other = RequestCache(tmp_path, "210987654321")
    for one in (cache, other):
        one.write("a", Answer({"x": 1}, NOW, is_settled=True))
        for name, age_s in ((".writing-old", 3700), (".writing-new", 60), ("mine.txt", 10**6)):
            file = one.folder / name
            file.write_bytes(b"half")
            os.utime(file, (time.time() - age_s,) * 2)
    (cache.folder / ".writing-folder").mkdir()
    os.utime(cache.folder / ".writing-folder", (0, 0))
    cache.clean_up()
    answer = next(cache.folder.glob("*.json.gz")).name
    kept = {".writing-new", ".writing-folder", "mine.txt", answer}
    assert {file.name for file in cache.folder.iterdir()} == kept
    assert (other.folder / ".writing-old").exists(), "another account is another pull's affair"
    assert cache.read("a", NOW).body == {"x": 1}


def test_clean_up_of_a_cache_that_is_not_there(tmp_path):
    RequestCache(tmp_path / "none", "123456789012").clean_up()
    assert not (tmp_path / "none").exists()
