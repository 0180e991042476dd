"""The extensions of one process. Never AppBuilder: its views keep state, so each app makes its own."""

from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_mail import Mail
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from app.tenancy.guard import GuardedSession

db = SQLA(metadata=Model.metadata, session_options={"class_": GuardedSession, "expire_on_commit": False})
mail = Mail()
migrate = Migrate(render_as_batch=True, compare_type=True)
csrf = CSRFProtect()
