"""The front door: the `gouji` command and bulk runs; it composes the rooms."""
