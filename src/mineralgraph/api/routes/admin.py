"""``/admin/backup``: a consistent copy of the store that is being served."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from fastapi import FastAPI
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mineralgraph import opening
from mineralgraph.api import authority, operations
from mineralgraph.api.service import Service
from mineralgraph.store.base import Store
from mineralgraph.submissions import backup as backups


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""

    async def backup(request: Request) -> Response:
        token = authority.authorise(service, request)
        writer = authority.writer_of(service)
        operations.known_only(request, ())
        room = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="mineralgraph-backup-"))
        archive = room / "backup.tar"

        def make(store: Store) -> None:
            backups.make(store, opening.folder_of(service.settings), room / "backup")
            backups.pack(room / "backup", archive)

        clean = BackgroundTask(shutil.rmtree, room, ignore_errors=True)
        try:
            await writer.hold(authority.asking(token, request, b""), make)
        except BaseException:
            await clean()
            raise
        headers = {"Cache-Control": "no-store"}
        return FileResponse(archive, headers=headers, media_type="application/x-tar",
                            background=clean)  # fmt: skip

    app.add_api_route(
        "/admin/backup",
        backup,
        methods=["GET"],
        response_class=Response,
        tags=["Writes"],
        summary="A consistent copy of the store, as `mineralgraph backup --url` takes it",
        operation_id="backup",
        responses=operations.responses({"application/x-tar": operations.ANY}, 401, 403, 422),
        openapi_extra={"security": [{"token": []}]},
    )
