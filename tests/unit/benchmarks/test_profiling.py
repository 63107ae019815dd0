from benchmarks.profiling import shares

PARTS = (("domain/", "score"), ("asyncpg/", "database"))


def test_the_innermost_named_frame_decides() -> None:
    stacks = (
        "main (app.py:1);score (domain/a.py:2);sorted (builtins) 6\n"
        "main (app.py:1);score (domain/a.py:2);execute (asyncpg/b.py:3) 3\n"
        "main (app.py:1) 1\n"
    )
    assert shares(stacks, PARTS) == {
        "score": 0.6,
        "database": 0.3,
        "event loop and the rest (uvloop, sockets, threads)": 0.1,
    }


def test_a_thread_that_waits_for_work_does_not_count() -> None:
    stacks = (
        "run (threading.py:982);_worker (concurrent/futures/thread.py:81) 90\n"
        "main (app.py:1);score (domain/a.py:2) 5\n"
    )
    assert shares(stacks, PARTS) == {"score": 1.0}
