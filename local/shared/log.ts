// Where a part of the local runtime says what it does: whoever starts it decides what becomes of the lines.

export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
