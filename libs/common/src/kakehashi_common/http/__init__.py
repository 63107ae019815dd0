"""HTTP: the application factory, problem details, cursors, ETags, health, and the server.

Import from the modules: `health`, `ops` and `server` know nothing of FastAPI, which a process
without an API need not load.
"""
