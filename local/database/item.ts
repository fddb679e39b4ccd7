/** An item or key in DynamoDB's JSON: attribute name → `{ S: "…" }`, `{ N: "…" }`, … */
export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
