// Methods as metrics and spans name them.

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

/** `method`, or `_OTHER` for one that is unusual, as OpenTelemetry's conventions for HTTP say: a client can invent methods. */
export const knownMethod = (method: string): string => (METHODS.has(method) ? method : "_OTHER");
