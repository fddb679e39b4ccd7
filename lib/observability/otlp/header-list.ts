// Headers as one text: `name=value`, comma-separated, values percent-encoded (OpenTelemetry's OTEL_EXPORTER_OTLP_HEADERS).

/** RFC 9110, 5.6.2. */
const NAME = /^[!#$%&'*+.^`|~\w-]+$/;
/** What can be sent as a header's value (RFC 9110, 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The entries of `list` as name and value; undefined for each that is no header. */
export const headersIn = (list: string): readonly (readonly [string, string] | undefined)[] =>
  list
    .split(",")
    .filter((entry) => entry.trim() !== "")
    .map(headerIn);

function headerIn(entry: string): readonly [string, string] | undefined {
  const end = entry.indexOf("=");
  const name = entry.slice(0, Math.max(0, end)).trim();
  const value = decoded(entry.slice(end + 1).trim());
  return NAME.test(name) && VALUE.test(value) ? [name.toLowerCase(), value] : undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
