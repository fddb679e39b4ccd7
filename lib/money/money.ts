// Money as a whole number of minor units (cents, fen). Nothing here, or anywhere else, calculates with fractions.

/** Amount in minor units: a safe integer. */
export type Minor = number;

/** The largest amount one order may have: 1,000,000,000.00. */
export const MAX_AMOUNT: Minor = 100_000_000_000;

const DECIMAL = /^(0|[1-9]\d{0,13})(?:\.(\d{1,2}))?$/;

/** How far a double may be from the decimal it stands for: what a multiplication or division by 0.01 can add. */
const ROUNDING = 2 ** -51;

/**
 * Reads `299.99` (number) or `"299.99"` (string) as minor units. A number is read as the nearest multiple
 * of 0.01 if it differs from it only by rounding: `35 * 0.01` (0.35000000000000003) is 0.35.
 * Returns undefined for what is not a plain decimal above 0 with at most two decimals, or is above {@link MAX_AMOUNT}:
 * `0`, `-1`, `NaN`, `1e309`, `0.335`, `"1,000"`, `"007"`.
 */
export function parseAmount(value: number | string): Minor | undefined {
  const minor = parseCaptured(value);
  return minor !== undefined && minor <= MAX_AMOUNT ? minor : undefined;
}

/**
 * As {@link parseAmount}, but text may say more than an order may cost, up to what is exact: what a provider says it has
 * taken must be recorded, however much it is.
 */
export function parseCaptured(value: number | string): Minor | undefined {
  const minor = typeof value === "number" ? minorOf(value) : minorOfText(value);
  return minor !== undefined && minor > 0 && Number.isSafeInteger(minor) ? minor : undefined;
}

function minorOf(value: number): Minor | undefined {
  if (!(value <= MAX_AMOUNT / 100)) return undefined;
  const minor = Math.round(value * 100);
  const decimal = minor / 100;
  return Math.abs(value - decimal) <= decimal * ROUNDING ? minor : undefined;
}

function minorOfText(value: string): Minor | undefined {
  const match = DECIMAL.exec(value);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : undefined;
}

/** Writes minor units as `"299.99"`. */
export function formatAmount(minor: Minor): string {
  const digits = String(Math.abs(minor)).padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const SORTABLE_DIGITS = 12;

/** Fixed-width text whose order is the order of the amounts, for sort keys. */
export function sortableAmount(minor: Minor): string {
  return String(minor).padStart(SORTABLE_DIGITS, "0");
}

/** The amount of a sort key that begins with {@link sortableAmount}. */
export const amountOfSortKey = (key: string): Minor => Number(key.slice(0, SORTABLE_DIGITS));
