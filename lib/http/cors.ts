// CORS: what pages of the origins in CORS_ORIGINS may send and read. The same locally and on AWS.

export const CORS = {
  methods: ["GET", "POST", "PUT", "DELETE"],
  headers: [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "uuid",
  ],
  exposedHeaders: ["etag", "idempotent-replayed", "location", "retry-after", "traceparent"],
  /** How long a browser may cache a preflight reply, in seconds. */
  maxAgeSeconds: 600,
} as const;
