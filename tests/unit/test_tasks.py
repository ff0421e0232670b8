"""Work that goes on for as long as something is held."""

import asyncio
from contextlib import suppress

import pytest

from services.tasks import Bell, LostHold, News, end, finish, heed_cancellation, made, while_held, with_word


class Ends:
    """Notes how a coroutine came to its end."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def forever(self, name: str) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # cleaning up takes a moment, and is waited for
            self.seen.append(name)
            raise


async def test_the_result_is_that_of_the_work() -> None:
    ends = Ends()

    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await while_held(work(), ends.forever("hold")) == 7
    assert ends.seen == ["hold"]


async def test_an_error_of_the_work_is_raised_as_it_is() -> None:
    ends = Ends()

    async def work() -> int:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await while_held(work(), ends.forever("hold"))
    assert ends.seen == ["hold"]


async def test_work_is_cancelled_when_the_hold_is_lost() -> None:
    ends = Ends()

    async def hold() -> None:
        await asyncio.sleep(0)

    with pytest.raises(LostHold):
        await while_held(ends.forever("work"), hold())
    assert ends.seen == ["work"]


async def test_why_the_hold_broke_is_kept_as_the_cause() -> None:
    async def hold() -> None:
        raise ConnectionError("database away")

    with pytest.raises(LostHold) as lost:
        await while_held(Ends().forever("work"), hold())
    assert isinstance(lost.value.__cause__, ConnectionError)


async def test_work_that_ends_with_the_hold_counts_as_done() -> None:
    async def at_once() -> int:
        return 1

    async def hold() -> None:
        return

    assert await while_held(at_once(), hold()) == 1


async def test_cancelling_from_outside_ends_both_and_is_passed_on() -> None:
    ends = Ends()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(while_held(ends.forever("work"), ends.forever("hold")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    assert sorted(ends.seen) == ["hold", "work"]
    assert len(asyncio.all_tasks()) == 1


async def test_ending_asks_again_when_a_cancellation_was_lost() -> None:
    """As `asyncio.wait_for` of Python 3.11 loses it."""
    lost: list[int] = []

    async def deaf() -> None:
        while len(lost) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append(1)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(deaf())
        await asyncio.sleep(0)
        await end(task)
    assert lost == [1, 1]


async def test_ending_what_has_ended_is_no_error() -> None:
    async def broken() -> None:
        raise ValueError

    task = asyncio.get_running_loop().create_task(broken())
    await asyncio.sleep(0)
    await end(task)
    await end()


async def test_a_cancellation_that_was_swallowed_is_heeded() -> None:
    went_on: list[str] = []

    async def swallows() -> None:
        heed_cancellation()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            went_on.append("swallowed")
        heed_cancellation()
        went_on.append("never")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(swallows())
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
    assert went_on == ["swallowed"]


async def test_what_is_begun_is_finished_before_a_cancellation_goes_on() -> None:
    begun, may_end, done = asyncio.Event(), asyncio.Event(), list[str]()

    async def work() -> None:
        begun.set()
        await may_end.wait()
        done.append("written down")

    caller = asyncio.create_task(finish(work()))
    await begun.wait()
    for _ in range(3):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert done == ["written down"]


async def test_finishing_gives_the_result_or_raises_the_error() -> None:
    async def seven() -> int:
        return 7

    async def broken() -> None:
        raise ValueError("broken")

    assert await finish(seven()) == 7
    with pytest.raises(ValueError, match="broken"):
        await finish(broken())


async def test_a_word_is_given_only_while_something_slow_goes_on() -> None:
    said: list[str] = []
    may_end = asyncio.Event()

    async def say() -> None:
        said.append("it takes a while")
        may_end.set()

    async def slow() -> int:
        await may_end.wait()
        return 7

    async def quick() -> int:
        return 1

    assert await with_word(quick(), 60, say) == 1
    assert said == []
    assert await with_word(slow(), 0, say) == 7
    assert said == ["it takes a while"]


async def test_an_error_after_the_word_is_raised() -> None:
    said = asyncio.Event()

    async def say() -> None:
        said.set()

    async def slow() -> None:
        await said.wait()
        raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        await with_word(slow(), 0, say)


async def test_news_between_two_waits_are_not_missed() -> None:
    news = News()
    news.tell()
    async with asyncio.timeout(20):
        await news.wait(600)
    assert not news.told


async def test_without_news_the_wait_ends_all_the_same() -> None:
    news = News()
    async with asyncio.timeout(20):
        await news.wait(0.01)
    waiting = asyncio.ensure_future(news.wait(600))
    await asyncio.sleep(0)
    news.tell()
    async with asyncio.timeout(20):
        await waiting


class Makes:
    """Something that takes two steps to make, and notes what becomes of it."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.undone: list[str] = []

    async def make(self) -> str:
        await self.go_on.wait()
        return "thing"

    async def undo(self, thing: str) -> None:
        await asyncio.sleep(0)
        self.undone.append(thing)


async def test_what_is_made_is_given() -> None:
    makes = Makes()
    makes.go_on.set()
    assert await made(makes.make(), makes.undo, 20) == "thing"
    assert makes.undone == []


async def test_cancelled_while_it_makes_it_is_made_and_undone() -> None:
    makes = Makes()
    making = asyncio.ensure_future(made(makes.make(), makes.undo, 20))
    await asyncio.sleep(0)
    making.cancel()
    await asyncio.sleep(0)
    makes.go_on.set()
    await asyncio.wait((making,), timeout=20)
    assert making.cancelled()
    assert makes.undone == ["thing"]


async def test_who_did_not_notice_that_it_is_to_end_waits_for_no_news() -> None:
    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await News().wait(3600)

    task = asyncio.ensure_future(deaf())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,), timeout=20)
    assert task.cancelled()


async def test_a_bell_tells_all_who_listen() -> None:
    bell, heard = Bell(), list[str]()
    bell.ring()
    bell.listen(lambda: heard.append("one"))
    bell.listen(lambda: heard.append("other"))
    bell.ring()
    assert heard == ["one", "other"]


async def test_what_is_never_made_is_not_waited_for_for_ever() -> None:
    """Not even when it does not heed being cancelled, as a child process that is just starting."""
    makes = Makes()

    async def deaf() -> str:
        return await finish(makes.make())

    making = asyncio.ensure_future(made(deaf(), makes.undo, 0.01))
    await asyncio.sleep(0)
    making.cancel()
    await asyncio.wait((making,), timeout=20)
    assert making.cancelled()
    assert makes.undone == []
    makes.go_on.set()
