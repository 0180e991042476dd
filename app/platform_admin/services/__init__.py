"""What the platform's people do: resellers and their first Owners, other Platform Admins."""
