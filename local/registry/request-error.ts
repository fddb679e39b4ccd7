// Requests the registry does not serve, each with the HTTP status it answers.

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

/** The request lacks a parameter or has one of a wrong form. */
export class BadParameter extends RequestError {
  constructor(message: string) {
    super(400, "bad_parameter", message);
    this.name = "BadParameter";
  }
}

/** The registry holds as much as it is willing to. */
export class RegistryFull extends RequestError {
  constructor() {
    super(503, "registry_full", "The registry is full.");
    this.name = "RegistryFull";
  }
}
