// The log of a part of the local runtime: the caller decides where the lines go.

export type Log = (
  level: "info" | "warn" | "error",
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;
