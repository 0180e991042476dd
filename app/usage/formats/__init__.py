"""Providers' bills as they are delivered: which format a file has, and how its columns become a normalised line."""
