// Reading values of unknown shape where a schema library would cost more than the rest of the process.

/** The fields of `value`, of which none is known; none at all when it is not an object. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
