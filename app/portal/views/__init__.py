"""The portal's pages, by noun. Nothing here is the console's: no cost or rule can slip through."""
