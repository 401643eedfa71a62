"""boto3 as an application calls it: 500 records a PutRecords, one call after the other. See ../run.mjs and ../load.mjs."""
import os
import time

import boto3
from botocore.config import Config

keys = open(os.environ["KEYS_FILE"]).read().split("\n")[:-1]
payload = b"x" * int(os.environ["BYTES"])
warm_up_s = int(os.environ["WARM_UP_MS"]) / 1000
measured_s = int(os.environ["MEASURED_MS"]) / 1000
client = boto3.client(
    "kinesis",
    endpoint_url=os.environ["ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id="bench",
    aws_secret_access_key="bench",
    config=Config(retries={"total_max_attempts": 1}),
)
accepted = 0
at = 0
began = time.monotonic()
has_started = False
while True:
    elapsed = time.monotonic() - began
    if not has_started and elapsed >= warm_up_s:
        has_started = True
        print(f"start {accepted}", flush=True)
    if elapsed >= warm_up_s + measured_s:
        print(f"end {accepted}", flush=True)
        break
    records = [
        {"Data": payload, "PartitionKey": keys[(at + i) % len(keys)]} for i in range(500)
    ]
    at += 500
    answer = client.put_records(StreamName="bench", Records=records)
    if answer["FailedRecordCount"] > 0:
        raise SystemExit("records were refused")
    accepted += 500
