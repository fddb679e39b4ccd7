// Errors of a registry, each with a stable code.

/** The registry did not answer, or answered with a server error. Trying again later may help. */
export class RegistryUnavailable extends Error {
  readonly code = "registry_unavailable";

  constructor(server: string, reason: string, cause?: unknown) {
    super(`The registry at ${server} does not answer: ${reason}`, { cause });
    this.name = "RegistryUnavailable";
  }
}

const ACCOUNT = " Check NACOS_USERNAME and NACOS_PASSWORD.";
const API = " Its version may lack this API: NACOS_API=auto finds the one it has.";
const HINTS: Readonly<Record<number, string>> = { 401: ACCOUNT, 403: ACCOUNT, 404: API, 410: API, 501: API };

/** The registry refused the request; the same request will be refused again. */
export class RegistryRefused extends Error {
  readonly code = "registry_refused";
  readonly status: number;

  constructor(server: string, status: number, detail: string) {
    const hint = HINTS[status] ?? "";
    super(`The registry at ${server} refused with ${status}: ${detail}.${hint}`);
    this.name = "RegistryRefused";
    this.status = status;
  }
}

/** The server at the registry's address answers, but not as Nacos does. */
export class RegistryApiUnknown extends Error {
  readonly code = "registry_api_unknown";

  constructor(server: string) {
    super(
      `The server at ${server} knows none of Nacos' client APIs (v1, v3, gRPC). Check NACOS_SERVER: host and port of Nacos itself, not of its console.`,
    );
    this.name = "RegistryApiUnknown";
  }
}

/** An address that only this machine can reach was to be registered at a registry on another machine. */
export class LoopbackAdvertised extends Error {
  readonly code = "loopback_advertised";

  constructor(host: string, server: string) {
    super(
      `${host} can't be registered: machines that read the registry at ${server} can't reach it. ` +
        "Set ADVERTISE_HOST to an address they can reach, and HOST to one that listens there.",
    );
    this.name = "LoopbackAdvertised";
  }
}
