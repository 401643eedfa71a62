/**
 * Variable that the SDK reads before it warns (emitWarningIfUnsupportedVersion in @aws-sdk/core).
 */
const WARNING_OFF = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/**
 * Keeps the AWS SDK from warning that later versions of it will want a newer Node than this: the program names the Nodes that
 * it runs on itself, and a warning would be text on stderr of a job that succeeded. For the program only, at its start (worker
 * threads get a copy of the environment); who uses the library has the SDK of their own choice and hears what it says.
 */
export function silenceSdkNodeWarning(): void {
  process.env[WARNING_OFF] = 'true';
}
