"""What the bench of the console prints, and what it opens."""

from __future__ import annotations

from bench.console import HEAD, PERIOD_S, Seen, line, pages


def test_a_page_has_a_line_of_the_table_whether_it_is_refreshed_or_not() -> None:
    again = line(Seen("/x", 900.4, 2000, (310, 40), [0.2, 0.4, 0.3], (120, 30)))
    assert again == "| `/x` | 900 ms | 2000 ms | 310 + 40 ms | 300 ms | 400 ms | 120 + 30 ms |"
    assert line(Seen("/wall", 900, 2000, (310, 40))).endswith("| – | – | – |")
    assert again.count("|") == HEAD.splitlines()[0].count("|")


def test_the_wall_and_every_board_are_opened_and_those_of_now_watched() -> None:
    opened = pages()
    assert len(opened) == 16
    assert [path for path, stay in opened.items() if stay] == [
        f"/boards/{name}-vi" for name in ("area", "city", "pipeline", "services", "tourism", "traffic")
    ], f"these say that they are refreshed every {PERIOD_S:g} s"
