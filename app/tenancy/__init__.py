"""The tenancy seam: every statement runs in a scope, and a scope only ever sees its own rows."""
