module shardstorm/bench/a8m

go 1.23

require (
	github.com/a8m/kinesis-producer v0.2.1-0.20250101000000-7e5fa98
	github.com/aws/aws-sdk-go-v2 v1.30.5
	github.com/aws/aws-sdk-go-v2/credentials v1.17.32
	github.com/aws/aws-sdk-go-v2/service/kinesis v1.29.7
)
