"""Whatever gets lost, comes twice or comes late on the way: a fold is fed every record once, in order."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from stream_app.continuity import Continuity, Verdict

LIMIT = 3  # the same batch lost more often in a row passes for a gap of the log


class Path:
    """A log with gaps, a fetcher, and a queue between it and the fold; a seek empties nothing."""

    def __init__(self, log: list[int], sizes: list[int], losses: list[bool]) -> None:
        self._log = log
        self._sizes = deque(sizes)
        self._losses = deque(losses)
        self._lost: dict[int, int] = {}
        self._position = 0
        self.fetches = 0
        self.queue: deque[tuple[list[int], int]] = deque()

    def seek(self, offset: int) -> None:
        self._position = offset

    def fetch(self) -> bool:
        """Fetch a batch into the queue, or lose it; False at the end of the log."""
        ahead = [offset for offset in self._log if offset >= self._position]
        if not ahead:
            return False
        size = self._sizes.popleft() if self._sizes else 2
        batch = ahead[:size]
        self._position = batch[-1] + 1
        self.fetches += 1
        lost = self._losses.popleft() if self._losses else False
        if lost and self._lost.get(batch[0], 0) < LIMIT - 1:
            self._lost[batch[0]] = self._lost.get(batch[0], 0) + 1
        else:
            self.queue.append((batch, self.fetches))
        return True


def read(path: Path, ahead: list[int]) -> list[int]:
    """Fetch and feed by turns, some fetches ahead of the fold, until nothing comes any more."""
    continuity, pos = Continuity(), 0
    fed: list[int] = []
    waits = deque(ahead)
    for _ in range(2_000):
        more = [path.fetch() for _ in range(waits.popleft() if waits else 1)]
        if not path.queue:
            if not any(more):
                return fed
            continue
        batch, fetch = path.queue.popleft()
        match continuity.judge(pos, batch[0], batch[-1], fetch):
            case Verdict.FEED:
                fed += [offset for offset in batch if offset >= pos]
                pos = batch[-1] + 1
            case Verdict.SEEK:
                path.seek(pos)
                continuity.sought(path.fetches)
            case _:
                pass
    raise AssertionError("never came to the end")


LOGS = st.lists(st.integers(1, 3), min_size=1, max_size=30).map(
    lambda steps: [sum(steps[: at + 1]) for at in range(len(steps))]
)


@given(log=LOGS, sizes=st.lists(st.integers(1, 5), max_size=40), ahead=st.lists(st.integers(1, 4), max_size=40))
def test_a_log_with_gaps_is_read_whole_however_far_the_fetches_run_ahead(
    log: list[int], sizes: list[int], ahead: list[int]
) -> None:
    assert read(Path(log, sizes, []), ahead) == log


@given(
    length=st.integers(1, 40),
    sizes=st.lists(st.integers(1, 5), max_size=40),
    losses=st.lists(st.booleans(), max_size=30),
    ahead=st.lists(st.integers(1, 4), max_size=40),
)
def test_lost_batches_are_fetched_again_and_nothing_is_skipped(
    length: int, sizes: list[int], losses: list[bool], ahead: list[int]
) -> None:
    log = list(range(length))
    path = Path(log, sizes, losses)
    fed = read(path, ahead)
    assert fed == log[: len(fed)]


def test_a_batch_that_begins_where_the_fold_stands_is_fed_whoever_fetched_it() -> None:
    assert Continuity().judge(5, 5, 9, fetch=1) is Verdict.FEED
    assert Continuity().judge(5, 3, 9, fetch=1) is Verdict.FEED


def test_what_was_read_before_is_behind() -> None:
    assert Continuity().judge(5, 1, 4, fetch=1) is Verdict.BEHIND


def test_a_gap_is_believed_at_its_third_appearance_and_not_through_what_lies_beyond_it() -> None:
    continuity = Continuity()
    assert continuity.judge(5, 7, 8, fetch=1) is Verdict.SEEK
    continuity.sought(2)
    assert continuity.judge(5, 9, 11, fetch=2) is Verdict.DROP
    assert continuity.judge(5, 7, 8, fetch=4) is Verdict.SEEK
    continuity.sought(4)
    assert continuity.judge(5, 7, 8, fetch=6) is Verdict.FEED


def test_the_first_fetch_after_a_seek_counts_even_where_it_might_be_older() -> None:
    continuity = Continuity()
    continuity.judge(5, 7, 8, fetch=1)
    continuity.sought(1)
    assert continuity.judge(5, 7, 8, fetch=2) is Verdict.SEEK
    continuity.sought(2)
    assert continuity.judge(5, 7, 8, fetch=3) is Verdict.FEED


def test_a_loss_after_a_seek_is_noticed_by_the_next_batch_that_is_surely_younger() -> None:
    continuity = Continuity()
    continuity.judge(5, 7, 8, fetch=1)
    continuity.sought(1)
    assert continuity.judge(5, 9, 9, fetch=2) is Verdict.DROP
    assert continuity.judge(5, 10, 12, fetch=3) is Verdict.SEEK
