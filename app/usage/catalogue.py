"""What providers sell, for invented bills: names as they stand on real ones, prices about as high."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is metered. ``hourly`` is about how many units an hour of it takes."""

    service: str
    category: str
    sku: str
    usage_type: str
    operation: str
    unit: str
    price: str
    hourly: str
    description: str


REGIONS = {
    "aws": (
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
        "us-west-2",
        "eu-north-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "sa-east-1",
    ),
    "azure": (
        "westeurope",
        "northeurope",
        "germanywestcentral",
        "swedencentral",
        "uksouth",
        "eastus",
        "japaneast",
    ),
    "google": (
        "europe-west3",
        "europe-west1",
        "us-central1",
        "europe-north1",
        "europe-west2",
        "us-east4",
        "asia-northeast1",
        "australia-southeast1",
    ),
}

_EC2 = "Amazon Elastic Compute Cloud"
_RDS = "Amazon Relational Database Service"
_S3 = "Amazon Simple Storage Service"
_COMPUTE, _STORAGE, _DATABASES, _NETWORKING = "Compute", "Storage", "Databases", "Networking"

#: The first of each provider is what commitments cover and what is bought as spot.
ITEMS: dict[str, tuple[Item, ...]] = {
    "aws": (
        Item(
            _EC2,
            _COMPUTE,
            "5CJ7Q9YMNTXK3RWP",
            "BoxUsage:m5.large",
            "RunInstances",
            "Hrs",
            "0.115",
            "1",
            "$0.115 per On Demand Linux m5.large Instance Hour",
        ),
        Item(_EC2, _COMPUTE, "8QZ3XTKDWJ7MNB2R", "BoxUsage:c6i.xlarge", "RunInstances", "Hrs", "0.194", "1",
             "$0.194 per On Demand Linux c6i.xlarge Instance Hour"),
        Item(_EC2, _COMPUTE, "4WKX9HBNQ6TZ2JMD", "BoxUsage:r6g.2xlarge", "RunInstances", "Hrs", "0.4872", "1",
             "$0.4872 per On Demand Linux r6g.2xlarge Instance Hour"),
        Item(_EC2, _STORAGE, "JG3KM8XWQ2TR5VZN", "EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "GB-Mo", "0.0952", "0.69",
             "$0.0952 per GB-month of General Purpose (gp3) provisioned storage"),
        Item(_EC2, _STORAGE, "7YHN4DPWZ9QK3MXB", "EBS:SnapshotUsage", "CreateSnapshot", "GB-Mo", "0.054", "0.4",
             "$0.054 per GB-Month of snapshot data stored"),
        Item("Amazon Virtual Private Cloud", _NETWORKING, "M2SOXUFVVMPZTKQY", "NatGateway-Hours", "NatGateway", "Hrs",
             "0.052", "1", "$0.052 per NAT Gateway Hour"),
        Item("AWS Data Transfer", _NETWORKING, "HQEH3ZWJVT46JHRG", "DataTransfer-Out-Bytes", "RunInstances", "GB",
             "0.09", "2.4", "$0.09 per GB - first 10 TB / month data transfer out"),
        Item(_S3, _STORAGE, "WP9ANXZGBYYSGJEA", "TimedStorage-ByteHrs", "StandardStorage", "GB-Mo", "0.0245", "3.1",
             "$0.0245 per GB - first 50 TB / month of storage used"),
        Item(_S3, _STORAGE, "QFDXK7GHRYZUJ2PM", "Requests-Tier1", "PutObject", "Requests", "0.0000054", "9000",
             "$0.0054 per 1,000 PUT, COPY, POST, or LIST requests"),
        Item(_S3, _STORAGE, "UG5XKRD3TTMMGZ72", "Requests-Tier2", "GetObject", "Requests", "0.00000043", "52000",
             "$0.0043 per 10,000 GET and all other requests"),
        Item(_RDS, _DATABASES, "C8KPD7TGQW5XMZ2N", "InstanceUsage:db.r6g.large", "CreateDBInstance:0014", "Hrs", "0.258",
             "1", "$0.258 per RDS db.r6g.large Single-AZ instance hour running PostgreSQL"),
        Item(_RDS, _DATABASES, "9TBXJYNMK4RW7QZH", "RDS:GP3-Storage", "CreateDBInstance:0014", "GB-Mo", "0.137", "0.7",
             "$0.137 per GB-month of provisioned gp3 storage running PostgreSQL"),
        Item("AWS Lambda", _COMPUTE, "TG3M4CAGBA3NYQBH", "Lambda-GB-Second", "Invoke", "Lambda-GB-Second",
             "0.0000166667", "4300", "AWS Lambda - Total Compute"),
        Item("AWS Lambda", _COMPUTE, "GU2ZS9HVP6QTQ7KE", "Request", "Invoke", "Requests", "0.0000002", "31000",
             "AWS Lambda - Total Requests"),
        Item("Amazon CloudFront", _NETWORKING, "R9WJVXK2QTZ5MHND", "EU-DataTransfer-Out-Bytes", "GET", "GB", "0.085",
             "7.3", "$0.085 per GB - first 10 TB / month data transfer out"),
        Item("Amazon DynamoDB", _DATABASES, "ZQ2P8WXM6KTJ4RNB", "WriteRequestUnits", "PayPerRequestThroughput",
             "WriteRequestUnits", "0.00000152", "21000", "$1.525 per million write request units"),
        Item("AmazonCloudWatch", "Management and Governance", "NMK3TXQW8JZ5RYHB", "CW:MetricMonitorUsage",
             "MetricStorage", "Metrics", "0.3", "0.05", "$0.30 per metric-month for the first 10,000 metrics"),
        Item("Elastic Load Balancing", _NETWORKING, "V7QJXTKZ2MN8WHRP", "LoadBalancerUsage", "LoadBalancing:Application",
             "Hrs", "0.027", "1", "$0.027 per Application LoadBalancer-hour (or partial hour)"),
        Item("Amazon Elastic Container Service for Kubernetes", _COMPUTE, "E8XKW3ZQTJ5MRN7B",
             "AmazonEKS-Hours:perCluster", "CreateOperation", "Hours", "0.1", "1",
             "$0.10 per hour per Amazon EKS cluster"),
        Item("Amazon Bedrock", "AI and Machine Learning", "BR7QK2XWZT9MJ4HN", "MP:USE1_InputTokenCount-Units",
             "InvokeModelInference", "1K tokens", "0.003", "120", "$0.003 per 1K input tokens"),
    ),
    "azure": (
        Item("Virtual Machines", _COMPUTE, "a3a1b9d4-7c5e-4d86-9f0a-2b1c8e7d6f51", "D4s v5", "Dsv5 Series", "1 Hour",
             "0.211", "1", "Virtual Machines Dsv5 Series - D4s v5"),
        Item("Virtual Machines", _COMPUTE, "5d2e8c47-19ab-4f63-8e70-c4b6a1f9d382", "E8s v5", "Esv5 Series", "1 Hour",
             "0.554", "1", "Virtual Machines Esv5 Series - E8s v5"),
        Item("Storage", _STORAGE, "c1635534-1c1d-4fc4-b69a-88fc2672ef87", "Hot LRS Data Stored", "Tiered Block Blob",
             "1 GB/Month", "0.0166", "4.2", "Tiered Block Blob - Hot LRS"),
        Item("Storage", _STORAGE, "9e8f5a21-6d3b-4c07-b1e4-7f2a90c3d856", "P10 LRS Disk", "Premium SSD Managed Disks",
             "1/Month", "19.71", "0.0014", "Premium SSD Managed Disks - P10 LRS"),
        Item("SQL Database", _DATABASES, "f0b4c3d2-85a6-4e19-93d7-1c6e2b8a4f70", "vCore", "General Purpose - Compute Gen5",
             "1 Hour", "0.1528", "2", "SQL Database Single/Elastic Pool General Purpose - Compute Gen5"),
        Item("Azure Kubernetes Service", _COMPUTE, "2b7d9e60-4f18-4a3c-8d52-e9c1f6a07b34", "Standard Uptime SLA",
             "Standard", "1 Hour", "0.1", "1", "Azure Kubernetes Service - Standard Uptime SLA"),
        Item("Bandwidth", _NETWORKING, "9995d93a-7d35-4d3f-9c69-7a7fea447ef4", "Standard Data Transfer Out", "Inter-Region",
             "1 GB", "0.08", "3.3", "Bandwidth - Standard Data Transfer Out"),
        Item("Azure App Service", _COMPUTE, "7c1f2d84-0e9b-4a57-b6d3-58e2c9f1a460", "P1 v3 App", "Premium v3 Plan",
             "1 Hour", "0.158", "1", "Azure App Service Premium v3 Plan - P1 v3"),
        Item("Log Analytics", "Management and Governance", "4d8a6b13-c27e-4f95-a0d1-3e7b5c9f2846",
             "Pay-as-you-go Data Ingestion", "", "1 GB", "2.538", "0.12", "Log Analytics - Pay-as-you-go Data Ingestion"),
        Item("Cognitive Services", "AI and Machine Learning", "e6f3c895-1a40-4d7b-8c26-9b0d4e7f5a12",
             "gpt-4o Input Tokens", "Azure OpenAI", "1K", "0.0025", "140", "Azure OpenAI - gpt-4o Input Tokens"),
    ),
    "google": (
        Item("Compute Engine", _COMPUTE, "9B8C-4D1E-7F52", "N2 Instance Core running in Frankfurt", "", "hour",
             "0.040728", "4", "N2 Instance Core running in Frankfurt"),
        Item("Compute Engine", _COMPUTE, "2C4D-9A7B-16E3", "N2 Instance Ram running in Frankfurt", "", "gibibyte hour",
             "0.005458", "16", "N2 Instance Ram running in Frankfurt"),
        Item("Compute Engine", _STORAGE, "D973-5D65-BAB2", "Storage PD Capacity", "", "gibibyte month", "0.048", "0.5",
             "Storage PD Capacity in Frankfurt"),
        Item("Cloud Storage", _STORAGE, "E5F0-6A5D-7BAD", "Standard Storage Frankfurt", "", "gibibyte month", "0.023",
             "2.8", "Standard Storage Frankfurt"),
        Item("Cloud SQL", _DATABASES, "8A3F-2B6C-D914", "Cloud SQL for PostgreSQL: Zonal - vCPU in Frankfurt", "", "hour",
             "0.0413", "2", "Cloud SQL for PostgreSQL: Zonal - vCPU in Frankfurt"),
        Item("BigQuery", "Analytics", "3362-E469-6BEF", "Analysis (eu)", "", "tebibyte", "6.25", "0.02", "Analysis (eu)"),
        Item("Networking", _NETWORKING, "7151-61A1-0E2B", "Network Internet Data Transfer Out", "", "gibibyte", "0.085",
             "1.9", "Network Internet Data Transfer Out from Frankfurt to Europe"),
        Item("Vertex AI", "AI and Machine Learning", "B1D7-93CA-58F0", "Gemini 1.5 Pro Text Input - Predictions", "",
             "count", "0.0000003125", "410000", "Gemini 1.5 Pro Text Input - Predictions"),
    ),
}  # fmt: skip

#: Third parties on each provider's marketplace: publisher, service, monthly price.
MARKETPLACE = {
    "aws": ("Sumolight Ltd.", "Sumolight Log Search"),
    "azure": ("Brackwater GmbH", "Brackwater Firewall"),
    "google": ("Ferngate Inc.", "Ferngate Backup"),
}
