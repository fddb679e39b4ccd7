// What can go wrong with a store, apart from a rule that says no.

/** The database did not answer, or not in time. Whether a write had its effect is not known. */
export class StorageUnavailable extends Error {
  readonly code = "storage_unavailable";

  constructor(operation: string, cause: unknown) {
    super(`The database did not answer ${operation}`, { cause });
    this.name = "StorageUnavailable";
  }
}

/** The database refused a request as wrong: a fault of this program or of the tables. */
export class StorageFault extends Error {
  readonly code = "storage_fault";
  /** The database's own error name, such as `ResourceNotFoundException`. */
  readonly reason: string;

  constructor(operation: string, reason: string, message: string) {
    super(`The database refused ${operation}: ${reason}: ${message}`);
    this.name = "StorageFault";
    this.reason = reason;
  }
}

/** The reason of a {@link StorageFault} when an item was written in a shape that only a later version knows. */
export const SCHEMA_UNKNOWN = "SchemaUnknown";

/** Too many writers at once on one aggregate; nothing was written, and trying again is safe. */
export class StorageContention extends Error {
  readonly code = "storage_contention";

  constructor(id: string) {
    super(`Too many concurrent changes of ${id}`);
    this.name = "StorageContention";
  }
}
