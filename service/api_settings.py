"""Settings of the service, a part of those that service/settings.py lists: flag, environment, file, or default."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.run_limits import TIME_LIMIT

MEGABYTE = 2**20


class ServiceSettings(BaseSettings):
    """What can be set; names in the environment are these in capitals, after `GOUJI_`.

    The text under each is its meaning, as `gouji settings` prints it.
    """

    model_config = SettingsConfigDict(env_prefix="GOUJI_", extra="ignore", use_attribute_docstrings=True)

    store: str = "gouji.db"
    """Where records and corrections are kept: a file of SQLite, or a PostgreSQL URL."""
    files: str | None = None
    """Folder or bucket of originals and pictures; beside a SQLite store by default."""
    host: str = "127.0.0.1"
    """Address that `gouji serve` listens on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port that `gouji serve` listens on; 0 takes a free one."""
    allowed_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    """Names by which browsers may ask for the service."""
    secure_cookies: bool = False
    """Cookies go over HTTPS alone: set it where the service stands behind HTTPS."""
    session_hours: float = Field(default=12.0, gt=0)
    """Hours after which one has to log in again."""
    login_failures: int = Field(default=5, ge=1)
    """Wrong passwords before one has to wait."""
    login_wait: float = Field(default=300.0, gt=0)
    """Seconds to wait after that."""
    max_file_bytes: int = Field(default=128 * MEGABYTE, ge=1)
    """Bytes of one uploaded file, at most."""
    max_upload_bytes: int = Field(default=500 * MEGABYTE, ge=1)
    """Bytes of all files of one upload, at most."""
    max_files: int = Field(default=200, ge=1)
    """Files of one upload, at most."""
    max_waiting: int = Field(default=20_000, ge=1)
    """Uploads that may wait to be read; more are refused."""
    read_uploads: bool = True
    """Uploads are read by a worker of the service itself; without it `gouji work` reads them."""
    time_limit: float = Field(default=TIME_LIMIT, gt=0)
    """Seconds an uploaded document may take, less those it waits for a processor."""
    upload_lease: float = Field(default=90.0, ge=1)
    """Seconds after which an upload whose reader was killed is read again."""
    request_limit: int = Field(default=1 * MEGABYTE, ge=1)
    """Bytes of any request that is no upload, at most."""
