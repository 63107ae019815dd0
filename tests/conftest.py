"""What all tests share."""

import structlog

# Not set up, structlog prints the local variables of every frame of a traceback: a batch of events
# takes ten seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)
