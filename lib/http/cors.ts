// What pages of the origins in CORS_ORIGINS may send and read: the same on this machine and on AWS.

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
  /** How long a browser may remember the answer. */
  maxAgeSeconds: 600,
} as const;
