/** The public face of the library: `import { Producer } from 'shardstorm/producer'`. */
export { ShardstormError } from '../core/errors.ts';
export type { ContainerKey, ProfileName } from '../producer/settings.ts';
export type { AwsIdentity, AwsIdentityProvider } from '../transport/target-address.ts';
export type { ProducerEvents } from './environment.ts';
export { type ImportedSettings, settingsFromKplProperties } from './kpl-settings.ts';
export type { Logger } from './log.ts';
export type { MetricDimension, MetricSnapshot } from './metric-snapshots.ts';
export type { MetricsSink, MetricsWindow } from './metric-windows.ts';
export type { MetricName, MetricsGranularity, MetricsLevel } from './metrics.ts';
export type { ProducerOptions } from './options.ts';
export { type BatchOptions, Producer } from './producer.ts';
export type { MetricsQuery } from './producer-metrics.ts';
export {
  type Attempt,
  type BatchResult,
  type CloseReport,
  type OnSettled,
  type PackedData,
  type ProducerRecord,
  type RecordColumns,
  RecordError,
  type RecordResult,
} from './results.ts';
export { SharedLimits } from './shared-limits.ts';
