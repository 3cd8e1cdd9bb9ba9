"""Idempotency keys: a repeated request gets the first one's reply and is not applied again."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import PolicyError

Reply = dict[str, Any]
_KEPT = 256


class RememberedReplies:
    """The replies of the last 256 keys.

    They are noted on the device's thread together with what they tell of, so that a checkpoint
    that is saved there holds both or neither. A request that failed has changed nothing and is not
    noted: its repeat tries again.
    """

    def __init__(self, device: DeviceThread) -> None:
        self._device = device
        self._done: dict[str, tuple[str, Reply]] = {}
        self._running: dict[str, tuple[str, asyncio.Task[Reply]]] = {}

    async def apply(
        self,
        key: str | None,
        body: bytes,
        job: Callable[[], Reply],
        *,
        drains: bool = False,
        check: Callable[[], object] | None = None,
    ) -> Reply:
        """Run `job` on the device's thread, or give the reply of the request with the same key.

        `drains` and `check` are those of `DeviceThread.submit`.

        A repeat while the first still runs waits for it. With a key, the job runs to its end even
        if its caller goes. Raises SSP_POLICY_KEY_REUSED where the key came with another body.
        """
        if key is None:
            return await self._device.submit(job, drains=drains, check=check)
        digest = hashlib.sha256(body).hexdigest()
        if known := self._done.get(key):
            _check_same(key, digest, known[0])
            return known[1] | {"repeated": True}
        if running := self._running.get(key):
            _check_same(key, digest, running[0])
            return await asyncio.shield(running[1]) | {"repeated": True}
        task = asyncio.ensure_future(
            self._device.submit(lambda: self._note(key, digest, job()), drains=drains, check=check)
        )
        self._running[key] = (digest, task)
        task.add_done_callback(lambda done: self._forget_running(key, done))
        return await asyncio.shield(task)

    def state(self) -> list[list[Any]]:
        """Give what a checkpoint keeps: `[key, digest of the body, reply]`, oldest first."""
        return [[key, digest, reply] for key, (digest, reply) in list(self._done.items())]

    def restore(self, state: list[list[Any]]) -> None:
        """Go back to a checkpoint's keys: what came after it is no longer applied either."""
        self._done = {key: (digest, reply) for key, digest, reply in state}

    def _note(self, key: str, digest: str, reply: Reply) -> Reply:
        self._done[key] = (digest, reply)
        while len(self._done) > _KEPT:
            del self._done[next(iter(self._done))]
        return reply

    def _forget_running(self, key: str, done: "asyncio.Task[Reply]") -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # read here too: its caller may have gone


def _check_same(key: str, digest: str, known: str) -> None:
    if digest != known:
        raise PolicyError("SSP_POLICY_KEY_REUSED", key=key, param="idempotency_key")
