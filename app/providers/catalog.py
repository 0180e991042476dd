"""The providers that every installation starts with. Platform Admins change and add to them on the screen.

Account id formats: AWS account ids are 12 digits (AWS Account Management reference); Azure subscription ids are GUIDs
(Azure Resource Manager); Google project ids are 6 to 30 lower-case letters, digits and hyphens, starting with a letter
(Google Cloud Resource Manager).

Services are called what bills call them (``ServiceName`` of FOCUS, ``product/ProductName`` of AWS), so that a rule
for a service that was chosen here finds its usage.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.providers.models import Provider

CATALOG: tuple[dict[str, Any], ...] = (
    {
        "code": "aws",
        "name": "Amazon Web Services",
        "account_label": "AWS account ID",
        "account_pattern": r"\d{12}",
        "account_example": "123456789012",
        "services": [
            "Amazon Elastic Compute Cloud",
            "Amazon Simple Storage Service",
            "Amazon Relational Database Service",
            "AWS Lambda",
            "Amazon Elastic Container Service for Kubernetes",
            "Amazon CloudFront",
            "Amazon DynamoDB",
            "Amazon Bedrock",
            "AWS Marketplace",
        ],
        "support_types": ["Basic", "Developer", "Business", "Enterprise On-Ramp", "Enterprise"],
        "has_reserved_instances": True,
        "position": 10,
    },
    {
        "code": "azure",
        "name": "Microsoft Azure",
        "account_label": "Azure subscription ID",
        "account_pattern": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        "account_example": "1f2e3d4c-5b6a-4788-90a1-b2c3d4e5f601",
        "services": [
            "Virtual Machines",
            "Storage",
            "SQL Database",
            "Azure Kubernetes Service",
            "Azure App Service",
            "Azure OpenAI",
            "Azure Marketplace",
        ],
        "support_types": ["Basic", "Developer", "Standard", "ProDirect"],
        "position": 20,
    },
    {
        "code": "google",
        "name": "Google Cloud",
        "account_label": "Google Cloud project ID",
        "account_pattern": r"[a-z][a-z0-9-]{4,28}[a-z0-9]",
        "account_example": "brightmoor-prod",
        "services": [
            "Compute Engine",
            "Cloud Storage",
            "Cloud SQL",
            "Google Kubernetes Engine",
            "BigQuery",
            "Vertex AI",
            "Google Cloud Marketplace",
        ],
        "support_types": ["Basic", "Standard", "Enhanced", "Premium"],
        "position": 30,
    },
    {
        "code": "oracle",
        "name": "Oracle Cloud",
        "account_label": "Tenancy OCID",
        "account_pattern": r"ocid1\.tenancy\.[a-z0-9]+\.[a-z0-9-]*\.[a-z0-9]{10,}",
        "account_example": "ocid1.tenancy.oc1..aaaaaaaab2c3d4e5",
        "services": ["Compute", "Object Storage", "Autonomous Database"],
        "support_types": [],
        "position": 40,
    },
    {
        "code": "ibm",
        "name": "IBM Cloud",
        "account_label": "IBM Cloud account ID",
        "account_pattern": r"[0-9a-f]{32}",
        "account_example": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "services": ["Virtual Servers", "Object Storage", "watsonx"],
        "support_types": [],
        "position": 50,
    },
)


def add_missing_providers() -> None:
    """Add the providers of ``CATALOG`` whose code does not exist yet."""
    known = set(db.session.scalars(select(Provider.code)))
    db.session.add_all(
        Provider(**({"has_reserved_instances": False} | entry))
        for entry in CATALOG
        if entry["code"] not in known
    )
