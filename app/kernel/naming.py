"""Names for constraints and indexes, set before any model is declared.

SQLite's batch migrations rebuild tables and must find each constraint by its name; the framework's own tables are
named too, because it declares them on the same metadata.
"""

from flask_appbuilder import Model

Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
