// Times as they are stored and answered.

/** Epoch milliseconds as RFC 3339 in UTC, with milliseconds. All have the same length, so that they sort as text. */
export const iso = (time: number): string => new Date(time).toISOString();
