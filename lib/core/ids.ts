// Ids that follow from what they identify, so that a repetition finds what was created before.

import { v5 } from "uuid";

const NAMESPACE = "6f1f6a52-6a0e-5f0b-9a3e-0d6c1f7f5b11";

/** A UUID (v5) that is always the same for the same `parts`. */
export const derivedId = (...parts: readonly string[]): string => v5(JSON.stringify(parts), NAMESPACE);
