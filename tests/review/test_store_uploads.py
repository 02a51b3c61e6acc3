from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import TimeoutError as NoneFree

from review.originals import list_views, open_folder, read_original, read_view, save_original, save_view
from review.store.adding import add_record
from review.store.database import Store, StoreAway, check_store, find_address, open_store, run_read, run_write
from review.store.people import (
    add_session,
    add_token,
    add_user,
    change_user,
    end_session,
    end_token,
    find_session,
    find_token,
    find_user,
    list_tokens,
    list_users,
)
from review.store.uploads import (
    MOST_ATTEMPTS,
    add_upload,
    count_waiting,
    extend_upload,
    fail_upload,
    find_upload,
    finish_upload,
    lease_upload,
    list_uploads,
)
from tests.review.conftest import Clock
from tests.review.records import make_record


def test_an_upload_is_read_once_in_the_order_of_arrival(store: Store) -> None:
    names = ["a.pdf", "b.pdf"]
    for name in names:
        add_upload(store, name, name.encode(), "p")
    assert count_waiting(store) == 2
    first, second = lease_upload(store), lease_upload(store)
    assert first is not None
    assert second is not None
    assert [first.name, second.name] == names
    assert lease_upload(store) is None
    document = add_record(store, make_record("a")).document_id
    assert finish_upload(store, first, document)
    assert not finish_upload(store, first, document)
    assert fail_upload(store, second, "encrypted", "needs a password")
    assert [(upload.status, upload.error_code) for upload in list_uploads(store)] == [
        ("failed", "encrypted"),
        ("done", None),
    ]
    assert list_uploads(store, person="q") == []
    assert [upload.name for upload in list_uploads(store, after=second.upload_id)] == ["a.pdf"]
    assert count_waiting(store) == 0


def test_an_upload_of_a_worker_that_died_is_read_by_another_and_fails_after_some_deaths(
    store: Store, clock: Clock
) -> None:
    upload = add_upload(store, "a.pdf", b"a", "p")
    last = None
    for attempt in range(MOST_ATTEMPTS):
        found = lease_upload(store, seconds=60)
        assert found is not None
        assert found.attempts == attempt + 1
        assert last is None or not finish_upload(store, last, 1)
        last = found
        assert extend_upload(store, found, seconds=60)
        assert lease_upload(store) is None
        clock.pass_seconds(61)
    assert lease_upload(store) is None
    dead = find_upload(store, upload.upload_id)
    assert dead is not None
    assert (dead.status, dead.error_code) == ("failed", "crashed")


def test_a_failure_that_passes_is_tried_again(store: Store) -> None:
    add_upload(store, "a.pdf", b"a", "p")
    for _ in range(MOST_ATTEMPTS):
        found = lease_upload(store)
        assert found is not None
        assert fail_upload(store, found, "unreadable", "the disk was away", again=True)
    assert lease_upload(store) is None
    assert list_uploads(store)[0].status == "failed"


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\x\\passwd", "/etc/passwd", "a\x00passwd", "年" * 900])
def test_the_name_of_an_upload_is_never_a_path(store: Store, name: str) -> None:
    upload = add_upload(store, name, b"content", "p")
    assert "/" not in upload.name
    assert "\\x\\" not in upload.name
    assert len(upload.name) <= 255 + 3
    assert read_original(store.files, upload.sha256) == b"content"


@pytest.mark.parametrize("place", ["folder", "memory://bucket-{}"])
def test_originals_and_views_are_kept_in_a_folder_or_a_bucket(tmp_path: Path, place: str) -> None:
    folder = open_folder(str(tmp_path / place) if "://" not in place else place.format(tmp_path.name))
    sha256 = save_original(folder, b"report")
    assert save_original(folder, b"report") == sha256
    assert read_original(folder, sha256) == b"report"
    assert read_original(folder, "0" * 64) is None
    assert list_views(folder, sha256) == []
    save_view(folder, sha256, "page-1.png", b"one")
    save_view(folder, sha256, "page-1.png", b"two")
    assert read_view(folder, sha256, "page-1.png") == b"two"
    assert read_view(folder, sha256, "page-2.png") is None
    assert list_views(folder, sha256) == ["page-1.png"]


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", ".hidden", "", "a\\b", "a\x00", "x" * 200, "页.png", "a.writing"]
)
def test_a_view_with_a_name_that_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    folder = open_folder(str(tmp_path))
    for work in (lambda: save_view(folder, "0" * 64, name, b""), lambda: read_view(folder, "0" * 64, name)):
        with pytest.raises(ValueError, match="plain name"):
            work()
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("sha256", ["../../etc", "", "0" * 63, "G" * 64, "0" * 64 + "/.."])
def test_what_is_no_hash_names_no_document(tmp_path: Path, sha256: str) -> None:
    folder = open_folder(str(tmp_path))
    with pytest.raises(ValueError, match="SHA-256"):
        read_original(folder, sha256)


def test_a_user_comes_in_by_session_and_token_until_they_end(store: Store, clock: Clock) -> None:
    assert add_user(store, "p", "hash", "reviewer")
    assert not add_user(store, "p", "other", "admin")
    add_session(store, "s1", "p", "csrf", clock() + timedelta(hours=1))
    session = find_session(store, "s1")
    assert session is not None
    assert (session.user.name, session.user.role, session.csrf) == ("p", "reviewer", "csrf")
    number = add_token(store, "t1", "p", label="script", role="reader")
    token = find_token(store, "t1")
    assert token is not None
    assert (token.token_id, token.label, token.role) == (number, "script", "reader")
    clock.pass_seconds(3601)
    assert find_session(store, "s1") is None
    assert end_token(store, number)
    assert not end_token(store, number)
    assert find_token(store, "t1") is None
    assert [entry.label for entry in list_tokens(store, "p")] == ["script"]
    assert list_tokens(store, "q") == []


def test_a_user_who_is_shut_out_has_neither_session_nor_token(store: Store, clock: Clock) -> None:
    add_user(store, "p", "hash", "reviewer")
    add_session(store, "s1", "p", "csrf", clock() + timedelta(hours=1))
    add_token(store, "t1", "p", label="x", role="reader", expires_at=clock() + timedelta(hours=1))
    assert change_user(store, "p", role="admin")
    assert find_user(store, "p").role == "admin"  # type: ignore[union-attr]
    assert find_session(store, "s1") is not None
    assert change_user(store, "p", active=False)
    assert find_session(store, "s1") is None
    assert find_token(store, "t1") is None
    assert change_user(store, "p", active=True)
    assert find_token(store, "t1") is not None
    clock.pass_seconds(3601)
    assert find_token(store, "t1") is None
    assert not change_user(store, "nobody", role="admin")
    assert find_user(store, "nobody") is None
    assert [user.name for user in list_users(store)] == ["p"]


def test_a_new_password_ends_the_sessions(store: Store, clock: Clock) -> None:
    add_user(store, "p", "hash", "reviewer")
    for name in ("s1", "s2", "s3"):
        add_session(store, name, "p", "csrf", clock() + timedelta(hours=1))
    end_session(store, "s1")
    assert find_session(store, "s1") is None
    assert change_user(store, "p", password_hash="new")
    assert find_session(store, "s2") is None


def test_a_database_that_is_away_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    check_store(store)
    monkeypatch.setattr("review.store.database.PATIENCE", 0.0)
    with pytest.raises(StoreAway):
        open_store("postgresql://gouji@/x?host=/nowhere", files="memory://x")
    assert find_address("postgres://u@h/d").drivername == "postgresql+psycopg"


def test_a_store_whose_connections_are_all_taken_is_told_to_be_away(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.store.database.PATIENCE", 0.05)
    store = open_store(store_url, files=str(tmp_path / "files"))
    with ExitStack() as taken:
        for _ in range(30):
            try:
                taken.enter_context(store.engine.connect())
            except NoneFree:
                break
        for run in (run_read, run_write):
            with pytest.raises(StoreAway):
                run(store, lambda connection: connection.execute(select(1)).scalar())
        with pytest.raises(StoreAway):
            check_store(store)
    assert run_read(store, lambda connection: connection.execute(select(1)).scalar()) == 1
    store.engine.dispose()
