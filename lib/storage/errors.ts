// Errors of the storage port.

/** The database did not answer in time. It is unknown whether a write had an effect. */
export class StorageUnavailable extends Error {
  readonly code = "storage_unavailable";

  constructor(operation: string, cause: unknown) {
    super(`The database did not answer ${operation}`, { cause });
    this.name = "StorageUnavailable";
  }
}

/** The database refused a request: an error in this program or in the tables. */
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

/** The reason of a {@link StorageFault} for an item in a format that only a later version can read. */
export const SCHEMA_UNKNOWN = "SchemaUnknown";

/** Too many concurrent writers of one aggregate. Nothing was written; trying again is safe. */
export class StorageContention extends Error {
  readonly code = "storage_contention";

  constructor(id: string) {
    super(`Too many concurrent changes of ${id}`);
    this.name = "StorageContention";
  }
}
