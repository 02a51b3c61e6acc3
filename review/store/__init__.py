"""The store: documents, records, the queue of questions, answers and uploads, in SQLite or PostgreSQL.

Functions over a `Store`; SQLAlchemy is imported nowhere else.
"""
