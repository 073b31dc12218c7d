/** An answer that is no object: what went wrong, as the API server says it. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: object;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly details?: object;
  readonly code: number;
}

/** A request that fails, with the Status that it is answered with. */
export class ApiFailure extends Error {
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: object) {
    super(message);
    const given = details === undefined ? {} : { details };
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...given, code };
  }
}

export const notFound = (resource: string, name: string): ApiFailure =>
  new ApiFailure(404, 'NotFound', `${resource} "${name}" not found`, { name, kind: resource });
export const exists = (resource: string, name: string): ApiFailure =>
  new ApiFailure(409, 'AlreadyExists', `${resource} "${name}" already exists`, { name, kind: resource });
export const conflict = (resource: string, name: string, why: string): ApiFailure =>
  new ApiFailure(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, { name, kind: resource });
export const expired = (message: string): ApiFailure => new ApiFailure(410, 'Expired', message);
export const badRequest = (message: string): ApiFailure => new ApiFailure(400, 'BadRequest', message);
export const NO_SUCH_PATH = new ApiFailure(404, 'NotFound', 'the server could not find the requested resource', {});
