"""The tables of the models, and schema ``api``. Until the first release this is the only migration."""

from alembic import op

from pipelines.storage.schema import api
from pipelines.storage.schema.models import Base
from pipelines.storage.schema.schema_version import REVISION

revision = REVISION
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    api.create(connection)


def downgrade() -> None:
    connection = op.get_bind()
    api.drop(connection)
    Base.metadata.drop_all(connection)
