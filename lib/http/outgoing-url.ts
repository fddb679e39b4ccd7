// URLs that users name and that are stored, to be called later: of webhooks and of push services.

import { isIP } from "node:net";
import { mayBeCalled } from "./outgoing.ts";

/** Longest URL in characters, as it is stored and called: what is not ASCII is encoded, and longer then. */
const LONGEST_URL = 2_048;
/** Longest host name and longest part of one, in characters (RFC 1035, 2.3.4). */
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

/** The URL that `text` is, or why it can't be called, as the end of a sentence that begins with it. With `anywhere` as in {@link mayBeCalled}. */
export function outgoingUrl(text: string, anywhere: boolean): URL | string {
  const url = URL.parse(text);
  if (url === null) return "is none";
  const { length } = url.href;
  if (length > LONGEST_URL) return `has ${length} characters when it is encoded, more than ${LONGEST_URL}`;
  // An empty one, too, which `hash` does not show.
  if (url.href.includes("#")) return "must have no fragment";
  if (url.port === "0") return "must not have the port 0";
  if (!isHostName(url.hostname)) {
    return `must have a host name of up to ${LONGEST_NAME} characters, with 1 to ${LONGEST_LABEL} between its dots and no dot at its end`;
  }
  if (mayBeCalled(url, anywhere)) return url;
  return "must be https, of the public internet, without a user name";
}

/** Whether the resolver can look it up; a name in another script is given in its ASCII form here. */
function isHostName(host: string): boolean {
  if (host.startsWith("[") || isIP(host) !== 0) return true;
  const labels = host.split(".");
  return host.length <= LONGEST_NAME && labels.every(({ length }) => length >= 1 && length <= LONGEST_LABEL);
}
