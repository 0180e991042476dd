"""The progress of one job, as a piece of a page that asks for it again and again."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.errors import NotVisible
from app.extensions import db
from app.jobs.models import Job
from app.jobs.progress import shown
from app.kernel.clock import utc_now
from app.shell.pages import PageView


class JobsView(PageView):
    """Progress: how much is done, how fast, how long it still takes."""

    route_base = "/jobs"
    class_permission_name = "Jobs"

    @expose("/<int:job_id>/progress/")
    @has_access
    @permission_name("show")
    def show(self, job_id: int) -> Any:
        job = db.session.get(Job, job_id) if 0 < job_id < 2**31 else None
        if job is None:
            raise NotVisible
        return self.render_template("jobs/progress.html", shown=shown(job, now=utc_now()))
