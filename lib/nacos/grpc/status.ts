// How a gRPC call ends: by a number and a message in its trailers. Source: gRPC, "Status codes and their use".

/** The statuses that this system uses. */
export const GRPC_STATUS = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

export type GrpcStatus = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

/** Ends a call with a status other than OK. */
export class GrpcError extends Error {
  readonly code = "grpc_error";
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus, message: string) {
    super(message);
    this.name = "GrpcError";
    this.status = status;
  }
}
