"""What a customer's people change: the company's data, colleagues, what is asked for."""
