"""Documents in, cells out: readers, tables, sections, mapping, checking, confidence."""
