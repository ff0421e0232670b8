"""The JSON interface over HTTP and the chat page's event stream. The contract is in docs/simulator.md."""

from fastapi import APIRouter

from simulator.routes import doing, logins, page, rooms, testing, who

router = APIRouter(prefix="/api")
for part in (who, logins, rooms, doing, page, testing):
    router.include_router(part.router)
