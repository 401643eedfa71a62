/**
 * Variable that the SDK reads before it warns (emitWarningIfUnsupportedVersion in @aws-sdk/core).
 */
const WARNING_OFF = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Keeps the AWS SDK from warning about an old Node in this thread. Call it at the start of a worker
 * thread: a worker has a copy of the environment, so the main thread still warns, once.
 */
export function silenceSdkNodeWarning(): void {
  process.env[WARNING_OFF] = 'true';
}
