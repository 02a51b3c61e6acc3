"""What the system knows: forms, identities, numbers, documents, readings and the output record.

Imports nothing of ours and no heavy library, so that every room can use these words.
"""
