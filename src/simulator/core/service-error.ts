/** An error as the service answers it. Control flow inside the simulator only: never shown to a user as it is. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** `__type` of the answer. */
  readonly type: string;
  readonly httpStatus: number;

  /** @param message '' sends no message, as the service does for some errors */
  constructor(type: string, message: string, httpStatus = 400) {
    super(message);
    this.type = type;
    this.httpStatus = httpStatus;
  }
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', message);
}

export function resourceNotFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

export function resourceInUse(message: string): ServiceError {
  return new ServiceError('ResourceInUseException', message);
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError('LimitExceededException', message);
}

export function validation(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function throughputExceeded(message: string): ServiceError {
  return new ServiceError('ProvisionedThroughputExceededException', message);
}
