"""Normalised usage with a price on every line, made by DuckDB: as many as a test wants, the same every time."""

from __future__ import annotations


def priced_lines(count: int) -> str:
    """Return a SELECT of `count` lines of October 2026: usage, purchases, credits, corrections, a committed one."""
    return f"""
        SELECT
            CASE WHEN n % 3 = 0 THEN 'azure' ELSE 'aws' END AS provider,
            'payer-of-the-reseller' AS payer,
            lpad(CAST(n % 7 AS VARCHAR), 12, '0') AS account,
            CASE WHEN n % 7 = 3 THEN '' ELSE 'Account ' || (n % 7) END AS account_name,
            DATE '2026-10-01' + CAST(n % 31 AS INTEGER) AS usage_date,
            TIMESTAMP '2026-10-01 00:00:00' + INTERVAL 1 HOUR * (n % 744) AS starts_at,
            TIMESTAMP '2026-10-01 01:00:00' + INTERVAL 1 HOUR * (n % 744) AS ends_at,
            CASE WHEN n % 11 = 0 THEN 'Amazon S3' ELSE 'Amazon EC2' END AS service,
            CASE WHEN n % 11 = 0 THEN 'Storage' ELSE 'Something else' END AS service_category,
            CASE WHEN n % 17 = 0 THEN '' ELSE 'SKU' || (n % 500) END AS sku,
            CASE WHEN n % 5 = 0 THEN '' ELSE 'eu-central-1' END AS region,
            'BoxUsage:m6i.large' AS usage_type,
            CASE WHEN n % 19 = 0 THEN '=HYPERLINK("http://example.com")' ELSE 'Hours, "on demand"' END
                AS description,
            CASE WHEN n % 4 = 0 THEN '' ELSE 'i-' || lpad(to_hex(n), 17, '0') END AS resource_id,
            'web' AS resource_name,
            CASE WHEN n % 97 = 0 THEN 'credit' WHEN n % 89 = 0 THEN 'purchase' WHEN n % 83 = 0 THEN 'negation'
                ELSE 'usage' END AS category,
            n % 101 = 0 AS is_correction,
            CASE WHEN n % 23 = 0 THEN 'committed' WHEN n % 29 = 0 THEN '' ELSE 'standard' END AS pricing_category,
            CASE WHEN n % 23 = 0 THEN 'arn:aws:ec2:eu-central-1:999999999999:reserved-instances/x' ELSE '' END
                AS commitment_id,
            CASE WHEN n % 23 = 0 THEN 'reserved' ELSE '' END AS commitment_kind,
            CASE WHEN n % 23 = 0 THEN 'used' ELSE 'none' END AS commitment_status,
            'Usage' AS line_type,
            CASE WHEN n % 31 = 0 THEN '' ELSE 'Hours' END AS unit,
            CAST(n % 1000 AS DECIMAL(38,18)) + 0.5 AS quantity,
            CAST((n % 1000) * 0.192 AS DECIMAL(38,18)) AS list_cost,
            CAST(123456.78 AS DECIMAL(38,18)) AS effective_cost,
            CASE WHEN n % 6 = 0 THEN '' ELSE '{{"team": "web"}}' END AS tags,
            CAST((CASE WHEN n % 97 = 0 THEN -1 ELSE 1 END) * (n % 1000) * 0.1728 AS DECIMAL(38,18)) AS customer_cost
        FROM range({count}) AS numbers(n)
    """
