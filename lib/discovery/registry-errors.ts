// What can go wrong with a registry, by stable code.

/** The registry did not answer, or answered with a failure of its own. Trying again later may help. */
export class RegistryUnavailable extends Error {
  readonly code = "registry_unavailable";

  constructor(server: string, reason: string, cause?: unknown) {
    super(`The registry at ${server} does not answer: ${reason}`, { cause });
    this.name = "RegistryUnavailable";
  }
}

/** The registry understood and said no; the same request will be refused again. */
export class RegistryRefused extends Error {
  readonly code = "registry_refused";
  readonly status: number;

  constructor(server: string, status: number, detail: string) {
    const hint = status === 401 || status === 403 ? " Check NACOS_USERNAME and NACOS_PASSWORD." : "";
    super(`The registry at ${server} refused with ${status}: ${detail}.${hint}`);
    this.name = "RegistryRefused";
    this.status = status;
  }
}

/** An address that only this machine can reach was about to be announced to a registry elsewhere. */
export class LoopbackAdvertised extends Error {
  readonly code = "loopback_advertised";

  constructor(host: string, server: string) {
    super(
      `${host} means nothing to those who read the registry at ${server}. ` +
        "Set ADVERTISE_HOST to an address they can reach, and HOST to one that listens there.",
    );
    this.name = "LoopbackAdvertised";
  }
}
