// The module in which serverless-offline finds the functions of this process. Its own loader would transform TypeScript by tsx
// and read package.json again for each invocation; see docs/decisions/002-local-runtime.md.

import type { Invoke } from "../../host/invoke.ts";

/** By function key, such as `orders-createOrder`; filled at start-up. */
export const handlers: Record<string, Invoke> = {};
