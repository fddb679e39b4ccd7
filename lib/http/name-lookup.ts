// Looks up names that users choose, in DNS alone.

import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";

/** Gives all addresses of `hostname`; none with an error. */
export type NameLookup = (
  hostname: string,
  options: object,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

export interface DnsOptions {
  /** `address:port` of name servers, instead of the system's. */
  readonly servers?: readonly string[];
  /** Milliseconds for the first question, which may be asked again. */
  readonly timeout?: number;
}

const TRIES = 2;

/**
 * A lookup that asks name servers by sockets. The system's own way (`dns.lookup`) occupies one of two threads for as long as a name
 * server is silent, and whatever else this process looks up waits behind that: other users' webhooks, the database, the mail server.
 */
export const dnsLookup =
  ({ servers, timeout = 1_000 }: DnsOptions = {}): NameLookup =>
  (hostname, _options, done) => {
    // A new one each time: it reads the system's settings when it is made.
    const resolver = new Resolver({ timeout, tries: TRIES });
    if (servers !== undefined) resolver.setServers(servers);
    addressesOf(resolver, hostname).then(
      (addresses) => done(null, addresses),
      (error: Error) => done(error, []),
    );
  };

/** IPv4 first. Rejects when there is none of either kind. */
async function addressesOf(resolver: Resolver, hostname: string): Promise<LookupAddress[]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = [
    ...(four.status === "fulfilled" ? four.value.map((address) => ({ address, family: 4 })) : []),
    ...(six.status === "fulfilled" ? six.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length > 0) return addresses;
  throw four.status === "rejected"
    ? four.reason
    : Object.assign(new Error("No address"), { code: "ENODATA" });
}
