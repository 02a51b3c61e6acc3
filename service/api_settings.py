"""Settings of the service: from the command line, else from the environment (`GOUJI_…`)."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 2**20


class ServiceSettings(BaseSettings):
    """What can be set; names in the environment are these in capitals, after `GOUJI_`."""

    model_config = SettingsConfigDict(env_prefix="GOUJI_", extra="ignore")

    store: str = "gouji.db"
    files: str | None = None  # where originals and pictures are kept; beside a SQLite store by default
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    allowed_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    secure_cookies: bool = False  # set it behind HTTPS
    session_hours: float = Field(default=12.0, gt=0)
    login_failures: int = Field(default=5, ge=1)  # before one has to wait
    login_wait: float = Field(default=300.0, gt=0)  # seconds
    max_file_bytes: int = Field(default=50 * MEGABYTE, ge=1)
    max_upload_bytes: int = Field(default=500 * MEGABYTE, ge=1)  # of one request
    max_files: int = Field(default=200, ge=1)  # in one request
    max_waiting: int = Field(default=20_000, ge=1)  # uploads that were not read yet
    read_uploads: bool = True  # by a worker of this process; else `gouji work` reads them
    time_limit: float = Field(default=120.0, gt=0)  # seconds a document
    upload_lease: float = Field(default=90.0, ge=1)  # seconds until an upload whose reader was killed is read again
    request_limit: int = Field(default=1 * MEGABYTE, ge=1)  # bytes of any other request
