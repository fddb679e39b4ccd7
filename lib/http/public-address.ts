// Which addresses belong to the public internet. What users name is called there only: not this machine, not its network, not
// the metadata of its cloud.

import { BlockList, isIPv4, isIPv6 } from "node:net";

/** What IANA has set aside of IPv4 (IPv4 Special-Purpose Address Registry; RFC 6890), multicast and what is reserved. */
const NOT_PUBLIC_4: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Of IPv6 only 2000::/3 is handed out (RFC 4291, 2.4); of that, what is set aside or stands for an IPv4 address. */
const NOT_PUBLIC_6: readonly (readonly [network: string, bits: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const notPublic = new BlockList();
for (const [network, bits] of NOT_PUBLIC_4) notPublic.addSubnet(network, bits, "ipv4");
for (const [network, bits] of NOT_PUBLIC_6) notPublic.addSubnet(network, bits, "ipv6");

const handedOut = new BlockList();
handedOut.addSubnet("2000::", 3, "ipv6");

/** Whether `address`, an IPv4 or IPv6 address as the resolver gives it, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, "ipv4");
  return isIPv6(address) && handedOut.check(address, "ipv6") && !notPublic.check(address, "ipv6");
}
