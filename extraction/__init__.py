"""Documents in, cells out: readers, tables, sections, mapping, facts, decoding, confidence."""
