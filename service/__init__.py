"""The front door: the `gouji` command, the HTTP service and bulk runs; it composes the rooms."""
