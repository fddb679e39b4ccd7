// The version of this system, shown by /health/, OpenAPI and the registry's metadata.

/** A test compares it with package.json. */
export const VERSION = "0.1.0";
