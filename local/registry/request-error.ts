// The registry's refusals, each with its HTTP status.

export class RequestError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
  }
}

/** The request has a parameter of a wrong form. */
export class BadParameter extends RequestError {
  constructor(message: string, code = "bad_parameter") {
    super(400, code, message);
    this.name = "BadParameter";
  }
}

/** The request lacks a parameter. */
export class MissingParameter extends BadParameter {
  constructor(name: string) {
    super(`Param '${name}' is required.`, "parameter_missing");
    this.name = "MissingParameter";
  }
}

/** No such instance, service, cluster or configuration. */
export class NotFound extends RequestError {
  constructor(message: string, code = "not_found") {
    super(404, code, message);
    this.name = "NotFound";
  }
}

/** The registry has reached one of its size limits. */
export class RegistryFull extends RequestError {
  constructor() {
    super(503, "registry_full", "The registry is full.");
    this.name = "RegistryFull";
  }
}

/** The request lacks a valid token or account. */
export class AccessDenied extends RequestError {
  constructor(message: string) {
    super(403, "access_denied", message);
    this.name = "AccessDenied";
  }
}
