// The version of this system, as /health/, OpenAPI and the registry's metadata tell it.

/** Held equal to package.json by a test. */
export const VERSION = "0.1.0";
