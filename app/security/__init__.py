"""Who may do what: user columns, the manager, roles as code, passwords, sign-in screens."""
